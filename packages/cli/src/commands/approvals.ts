import { shownTarget, type Approval } from "@prunella/contract";
import { connect } from "../client.ts";
import { commandLine } from "../command-line.ts";
import type { Common } from "../command-options.ts";
import { durationOf } from "../duration.ts";
import { print, printJson } from "../print.ts";
import { table } from "../terminal/table.ts";
import { plain } from "../terminal/text.ts";
import { exact } from "../terminal/time.ts";

interface ApproveOptions {
  readonly reason: string;
  readonly for: string;
  readonly trigger?: string;
  readonly project: string;
}

export async function approve(
  common: Common,
  asked: { readonly action: string; readonly target: string },
  options: ApproveOptions,
): Promise<void> {
  const { approval } = await connect(common)("approve", {
    action: asked.action,
    // Programs are shown by their name alone, so they may be typed so.
    target: asked.target.includes(":") ? asked.target : `program:${asked.target}`,
    project: options.project,
    reason: options.reason,
    for_ms: durationOf("--for", options.for),
    ...(options.trigger === undefined ? {} : { trigger: options.trigger }),
  });
  if (common.json) return printJson(approval);
  const what = `${approval.action} of ${plain(shownTarget(approval.target))}`;
  if (approval.escalation_id !== null)
    return print(`Approved: the open question about it is answered, and the gate is asked for ${what} once.`);
  print(
    `Approved: ${what}, once, with exactly what would be done now, if a question comes before ${exact(approval.expires_at)} UTC.`,
  );
  print(`Undo: ${commandLine(common, `approvals withdraw ${approval.id}`)}`);
}

export async function listApprovals(common: Common, options: { readonly all?: boolean }): Promise<void> {
  const { approvals } = await connect(common)("list_approvals", { status: options.all ? "all" : "waiting" });
  if (common.json) return printJson({ approvals });
  if (approvals.length === 0)
    return print(
      `Nobody said yes to anything beforehand. To do so, for one question: ${commandLine(common, "approve --help")}`,
    );
  print(
    table(
      [
        { title: "ID" },
        { title: "ACTION" },
        { title: "TARGET" },
        { title: "STATUS" },
        { title: "UNTIL" },
        { title: "WHY" },
      ],
      approvals.map((one) => [
        one.id.slice(-8),
        one.action,
        plain(shownTarget(one.target)),
        statusOf(one),
        `${exact(one.expires_at)} UTC`,
        plain(one.reason),
      ]),
    ),
  );
}

const statusOf = ({ status, escalation_id: question }: Approval): string =>
  question === null ? status : `${status} for ${question.slice(-8)}`;

export async function withdrawApproval(common: Common, id: string): Promise<void> {
  const { approval } = await connect(common)("withdraw_approval", { id });
  if (common.json) return printJson(approval);
  print(`Withdrawn: ${approval.action} of ${plain(shownTarget(approval.target))} is asked about as before.`);
}
