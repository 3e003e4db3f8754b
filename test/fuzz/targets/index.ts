import type { Target } from "../target.ts";
import { cookiesTarget } from "./cookies.ts";
import { bundleTarget, crashReportTarget, dsnTarget, envelopeTarget, storeTarget } from "./doors.ts";
import { configTarget, sourceMapTarget, stackTarget } from "./files.ts";
import { noteTarget, tileTarget } from "./ledger.ts";
import { manifestTarget } from "./manifests.ts";
import { eventTarget, scrubJsonTarget, scrubTextTarget } from "./scrub.ts";

/** Every parser that takes foreign bytes. */
export const TARGETS: readonly Target[] = [
  envelopeTarget,
  eventTarget,
  storeTarget,
  bundleTarget,
  sourceMapTarget,
  crashReportTarget,
  configTarget,
  stackTarget,
  scrubTextTarget,
  scrubJsonTarget,
  dsnTarget,
  cookiesTarget,
  noteTarget,
  tileTarget,
  manifestTarget,
];
