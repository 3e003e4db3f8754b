import type { Refused } from "./checks.ts";

/** What the gate answers. */
export type Verdict =
  | { readonly kind: "permitted"; readonly attemptId: string }
  | {
      readonly kind: "refused";
      readonly attemptId: string;
      readonly refused: Refused;
      readonly escalationId: string | null;
    };
