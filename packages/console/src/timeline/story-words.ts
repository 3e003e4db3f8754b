import type { DmStatus, TimelinePage } from "@prunella/contract";
import { refusalWords } from "../parts/words.ts";

export type Told = TimelinePage["events"][number];
type Row = Told["row"];

type Look = { readonly shape: string; readonly tone: string };

/** How an investigation's message went out; the four that there are. */
export const STATUS_WORDS: Readonly<Record<DmStatus, string>> = {
  sent: "people were told",
  failed_send: "no message reached anybody",
  engine_unavailable_fallback: "nobody could look into it, and people were told so",
  engine_unavailable_failed_send: "nobody could look into it, and no message reached anybody",
};

/** What each of the streams says. */
export const SEAM_WORDS: Readonly<Record<Row["seam"], string>> = {
  "probe.wake_requested": "Asked to look",
  "tool.probe_autofix_attempted": "Tried a fix",
  "probe.investigation_completed": "Looked into it",
  "notification.dispatched": "Told people",
  "notification.email_dispatched": "Told people by mail",
};

/** A shape and a colour for how it went; the words say it too. */
export function lookOf(row: Row): Look {
  switch (row.seam) {
    case "tool.probe_autofix_attempted":
      return row.details.status === "attempted"
        ? { shape: "✓", tone: "text-good" }
        : row.details.status === "rejected"
          ? { shape: "▲", tone: "text-warn" }
          : { shape: "✕", tone: "text-bad" };
    case "probe.investigation_completed":
      return row.details.dm_status === "sent" || row.details.dm_status === null
        ? { shape: "●", tone: "text-quiet" }
        : row.details.dm_status === "engine_unavailable_fallback"
          ? { shape: "▲", tone: "text-warn" }
          : { shape: "✕", tone: "text-bad" };
    case "notification.dispatched":
    case "notification.email_dispatched":
      return row.details["state"] === "failed" ? { shape: "✕", tone: "text-bad" } : { shape: "●", tone: "text-quiet" };
    default:
      return { shape: "○", tone: "text-quiet" };
  }
}

/** What a row says, in one sentence of ours; names in it are others' words. */
export function saysOf(row: Row): string {
  switch (row.seam) {
    case "probe.wake_requested":
      return `${wordOf(row.details["probe"])} found ${wordOf(row.details["category"])}`;
    case "tool.probe_autofix_attempted": {
      const { probe, action, target_id: target } = row.details;
      const asked = `${action} of ${target}, by the envelope ${probe}`;
      return row.details.status === "rejected"
        ? `${asked}: refused, ${refusalWords(row.details.rejection_reason)}`
        : row.details.status === "attempted"
          ? `${asked}: done, and it is well`
          : `${asked}: it could not be done, or it is not well since`;
    }
    case "probe.investigation_completed":
      return row.details.dm_status === null ? "no channel has answered yet" : STATUS_WORDS[row.details.dm_status];
    default:
      return `${wordOf(row.details["kind"])} by ${wordOf(row.details["channel"])}: ${wordOf(row.details["state"])}`;
  }
}

const wordOf = (value: unknown): string =>
  typeof value === "string" ? value.replaceAll("_", " ") : value === undefined ? "?" : JSON.stringify(value);

/** The text that goes with a row: a reason, or what was found. Its author is a model, a program or a person. */
export function textOf(row: Row): string | null {
  if (row.seam === "tool.probe_autofix_attempted") return row.details.reason_from_reasoning;
  return row.seam === "probe.investigation_completed" ? row.details.summary : null;
}

/** What else a row holds, each with its name, for the page of one story. */
export function factsOf(row: Row): [name: string, value: string][] {
  const facts: [string, string][] = [];
  const add = (name: string, value: unknown) => {
    if (value !== null && value !== undefined)
      facts.push([name, typeof value === "string" ? value : JSON.stringify(value)]);
  };
  switch (row.seam) {
    case "tool.probe_autofix_attempted":
      if (row.details.status === "rejected") {
        add("why", row.details.rejection_detail.message);
        add("switch", row.details.rejection_detail.enable_env);
      } else {
        add("before", row.details.before_state);
        add("after", row.details.after_state);
        if (row.details.executor_duration_ms !== null) add("took", `${row.details.executor_duration_ms} ms`);
      }
      return facts;
    case "probe.investigation_completed": {
      const { model, input_tokens: taken, output_tokens: given, cost_micros: cost, duration_ms: took } = row.details;
      add("by", model === "none" ? "no model" : model);
      if (taken + given > 0) add("tokens", `${taken} in, ${given} out`);
      if (cost > 0) add("cost", (cost / 1_000_000).toFixed(6).replace(/0+$/, "").replace(/\.$/, ""));
      add("took", `${took} ms`);
      add("fallback", row.details.fallback_reason);
      add("fix attempted", row.details.autofix_attempted ? "yes" : "no");
      return facts;
    }
    default:
      for (const [name, value] of Object.entries(row.details)) add(name.replaceAll("_", " "), value);
      return facts;
  }
}

export const momentOf = (row: Row): number | null => (row.emitted_at === undefined ? null : Date.parse(row.emitted_at));
