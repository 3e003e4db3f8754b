/** What the `prunella` command needs: the person's side of the reports on this machine. Not published. */
export { mayReport, REASONS, sentinelFile, toEndpoint, type Situation } from "./consent.ts";
export { discloseOnce, sentinel } from "./disclosure.ts";
export { openEngine } from "./engine.ts";
export { writeWhole } from "./files.ts";
export { isFrictionKind } from "./friction.ts";
export { clearFrictionInFile, noteFrictionInFile } from "./friction-file.ts";
export { issueUrl } from "./issue-url.ts";
export { homeOf, settingsFile } from "./places.ts";
export { type Program, toProgram } from "./program.ts";
export { recordedPrograms } from "./program-record.ts";
export {
  countNotes,
  findReport,
  forgetAll,
  forgetReport,
  type KeptReport,
  listReports,
  markOutcome,
  pendingReports,
} from "./reports.ts";
export { sendReport } from "./send.ts";
export { reporter } from "./reporter.ts";
export { changeSettings, readSettings } from "./settings.ts";
