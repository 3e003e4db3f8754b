import { globSync } from "node:fs";

/** Tests of other folders that speak of what is changed; those that look at whole kernels come last. */
const NEAR = {
  gate: [
    "packages/kernel/src/envelopes/stages.test.ts",
    "packages/kernel/src/triggers/standing.test.ts",
    "packages/kernel/src/escalations/exhausted.test.ts",
    "test/adversarial/healer.test.ts",
  ],
  triggers: ["packages/kernel/src/gate/ladder.test.ts", "test/adversarial/healer.test.ts"],
  escalations: ["packages/kernel/src/envelopes/stages.test.ts", "test/adversarial/healer.test.ts"],
} as const;

export const isFolder = (name: string): name is keyof typeof NEAR => Object.hasOwn(NEAR, name);

/** Those of the folder first, and of them those first that open no database. */
export function testsOf(folder: keyof typeof NEAR): string[] {
  const own = globSync(`packages/kernel/src/${folder}/*.test.ts`).toSorted();
  return [...own, ...NEAR[folder]];
}
