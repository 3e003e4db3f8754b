export {
  addPull,
  commitOf,
  createFakehub,
  LostAnswer,
  type Fakehub,
  type FakehubSettings,
  type Seen,
} from "./fakehub.ts";
export { createFaults, FAULTS, type Fault, type FaultPlan, type ListedFaults } from "./faults.ts";
export { readContract, type Contract } from "./contract.ts";
export type { FakeIssue, FakePull, FakeRepo } from "./state.ts";
