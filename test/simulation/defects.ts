import type { ProcessDeps } from "./process.ts";

/** Something wrong, put in on purpose. */
export interface Defect {
  readonly tampering?: () => ProcessDeps["tampering"];
  readonly looksByTouching?: boolean;
}
