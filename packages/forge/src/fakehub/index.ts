export { createFakehub, LostAnswer, type Fakehub, type FakehubSettings, type Seen } from "./fakehub.ts";
export { createFaults, FAULTS, type Fault, type FaultPlan, type ListedFaults } from "./faults.ts";
export { answerGit } from "./git-http.ts";
export { addPull, commitOf, push, textOf } from "./people.ts";
export { readContract, type Contract } from "./contract.ts";
export type { FakeIssue, FakePull, FakeRepo } from "./state.ts";
