import type { Sprint } from "./standing.ts";

/**
 * A brief as it can be put into an issue: its evidence with the indexes of its ledger entries. `exact` writes a
 * moment in UTC.
 */
export function sprintMarkdown(sprint: Sprint, exact: (at: number) => string): string {
  const { brief } = sprint;
  const target = clean(shown(sprint.target));
  const list = (lines: readonly string[], none: string) =>
    lines.length === 0 ? [none] : lines.map((line) => `- ${line}`);
  return [
    `# Repair the cause: ${clean(sprint.fault_title ?? target)}`,
    "",
    `**${target}** of project ${sprint.project_id}. Opened ${exact(sprint.opened_at)} UTC because ${
      sprint.reason === "severity"
        ? "of how severe it is"
        : `since ${exact(brief.since)} UTC there were ${brief.counts.escalations} escalations and ${brief.counts.ineffective} fixes that did not help, in ${brief.counts.attempts} attempts`
    }. Ledger entry ${sprint.audit_log_id}.`,
    "",
    `Sprint \`${sprint.id}\`${sprint.fault_id === null ? "" : `, fault \`${sprint.fault_id}\``}${sprint.trigger_id === null ? "" : `, trigger \`${sprint.trigger_id}\``}.`,
    "",
    "## What was tried",
    "",
    ...list(
      brief.attempts.map(
        (one) =>
          `${exact(one.at)} ${one.action}: ${one.state}${one.verification === null ? "" : `, ${one.verification}`} (ledger ${one.audit_log_id})`,
      ),
      "Nothing.",
    ),
    "",
    "## What people were asked",
    "",
    ...list(
      brief.escalations.map((one) => `${exact(one.at)} ${one.reason} (ledger ${one.audit_log_id})`),
      "Nothing.",
    ),
    "",
    "## Releases that it may have come with",
    "",
    ...list(
      brief.suspects.map(({ release, why }) => `${clean(release)}: ${why}`),
      "None is known.",
    ),
    ...(sprint.closed_at === null
      ? []
      : ["", "## Closed", "", `${exact(sprint.closed_at)} UTC: ${clean(sprint.close_reason ?? "")}`]),
  ].join("\n");
}

const shown = (target: string): string => (target.startsWith("program:") ? target.slice(8) : target);

/** What others wrote stands in one line, without what nobody sees or what turns the direction of writing around. */
const clean = (text: string): string =>
  text
    .replaceAll(
      /[[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]--[\u{200c}-\u{200d}]--[\u{fe0e}-\u{fe0f}]]+/gv,
      " ",
    )
    .trim();
