import { RULES_VERSION, scrubAnonymousText } from "@prunella/scrub";
import type { CrashReport } from "./fields.ts";
import { type Crash, createReport, type Machine, type Scrubber } from "./report.ts";

const SCRUBBER: Scrubber = {
  version: RULES_VERSION,
  scrub: (text) => {
    const { text: safe, redactions } = scrubAnonymousText(text);
    return { text: safe.value, redactions: redactions.length };
  },
};

/** The heavy part, for the tables of the scrubber: a file of its own when built, loaded with the first report. */
export const reporter: Reporter = (crash, machine) => createReport(crash, machine, SCRUBBER);

/** Throws when the report cannot be made safe. */
export type Reporter = (crash: Crash, machine: Machine) => CrashReport;
