import { createHash } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { Event, ForgeConfig } from "@prunella/contract";
import { hearFailure, type Asked, type FailedRun, type Forge } from "@prunella/forge";
import type { Kernel, Log } from "@prunella/kernel";

/** What a host told, as far as it decides what is done about it. */
export interface Delivered {
  readonly id: string;
  /** With its action: `workflow_run.completed`. */
  readonly event: string;
  readonly repo: string | null;
  readonly payload: unknown;
}

export interface HearingDeps {
  /** Each of our identities. */
  readonly forges: readonly Pick<Forge, "me">[];
  readonly watched: ForgeConfig["watched"];
  readonly deliveries: Pick<Kernel["plugins"]["deliveries"], "note" | "take">;
  readonly log: Log;
  readonly now: () => number;
}

/** Redelivered on request for three days (GitHub, "Redelivering webhooks"). */
const SEEN_MS = 3 * 86_400_000;
/** A host waits ten seconds for an answer at most, and gets one long before: a delivery waits so long to learn who we are. */
const WHO_MS = 700;
/** The question itself goes on, for those that come after. */
const ASK_MS = 10_000;

/**
 * Takes what a host delivers, once. A failed workflow or check of a repository that is watched is a fault and an event
 * for plugins, both written before the host gets its answer; nothing of our own doing is.
 */
export function createHearing({ forges, watched, deliveries, log, now }: HearingDeps) {
  const repos = new Set(watched.repos.map((repo) => repo.toLowerCase()));
  const { project } = watched;
  const closing = new AbortController();
  let asking: Promise<readonly Asked<string>[]> | null = null;
  /** Who we are at the host, asked once for all that wait for it; what is known is said at once. */
  const who = () =>
    (asking ??= Promise.all(
      forges.map((forge) => forge.me(AbortSignal.any([closing.signal, AbortSignal.timeout(ASK_MS)]))),
    ).finally(() => {
      asking = null;
    }));
  // The first delivery should not have to wait.
  void who();

  return {
    project,
    close: () => closing.abort(),
    /** `told`: what is kept until somebody has dealt with it. `later`: it cannot be told now whether it is our own doing; whoever delivers may come again. */
    async hear(delivered: Delivered, told: unknown = null): Promise<"first" | "seen" | "later"> {
      const { id, event, repo, payload } = delivered;
      const first = async () => ((await deliveries.note(project, { id, told }, SEEN_MS)) ? "first" : "seen");
      if (repo === null || !repos.has(repo.toLowerCase()) || !RUNS.has(event)) return first();
      const us = await Promise.race([who(), setTimeout(WHO_MS, [SILENT], { ref: false })]);
      const unknown = us.find(({ ok }) => !ok);
      if (unknown?.ok === false) {
        log.warn(`${event} of ${repo} is not taken: nobody knows who we are there: ${unknown.refusal.message}`);
        return "later";
      }
      const heard = hearFailure(event, payload, { logins: us.flatMap((me) => (me.ok ? [me.value] : [])) });
      if (heard.kind === "nothing") return first();
      const content = createHash("sha256").update(JSON.stringify(payload)).digest("hex");
      const of = { id, told, content: `told ${content}` };
      const failure = { event: toEvent(heard.run, now()), type: heard.run.event, fields: fieldsOf(heard.run) };
      return (await deliveries.take(project, of, SEEN_MS, failure)) ? "first" : "seen";
    },
  };
}

const SILENT: Asked<string> = {
  ok: false,
  refusal: { reason: "unreachable", status: null, message: "the host has not said it yet", retryAfterMs: null },
};

export const RUNS = new Set(["workflow_run.completed", "check_run.completed", "check_suite.completed"]);

/** As plugins hear of it, `repo` being what their `$event.repo` means. */
const fieldsOf = ({ event: _event, ...run }: FailedRun): Record<string, string> => ({ ...run });

/** One fault for each repository, kind, name and conclusion, whatever commit it was. */
function toEvent({ kind, repo, name, conclusion, branch, commit, url }: FailedRun, at: number): Event {
  const message = `${name} of ${repo} ended with ${conclusion}`;
  const type = `RunFailed.${kind.replaceAll(" ", "_")}`;
  return {
    id: "0".repeat(32),
    source: "webhook",
    trust: "authenticated",
    level: "error",
    at,
    release: null,
    environment: null,
    platform: null,
    target: null,
    errors: [{ type, value: message, module: null, handled: true, mechanism: "webhook", frames: [] }],
    message,
    message_template: null,
    stack_text: null,
    sdk_fingerprint: ["run", repo.toLowerCase(), kind, name, conclusion],
    transaction: null,
    server_name: null,
    exit_code: null,
    signal: null,
    tags: { repo, run: name, conclusion, ...(branch === "" ? {} : { branch }) },
    breadcrumbs: [],
    context: { run: { kind, commit, url } },
  };
}
