import { PrunellaError, type Trigger, type TriggerPage, type TriggerShown } from "@prunella/contract";
import type { Core } from "../core.ts";
import { putConfigured, type Put } from "./configured.ts";
import { readKillSwitch } from "../gate/switches.ts";
import { lastProven } from "./proven.ts";
import { nowOf, type NowDeps } from "./now.ts";
import { assertTrigger, listTriggers, registerTrigger, type TriggerRules } from "./registry.ts";
import { attemptsOf, showTrigger } from "./show.ts";
import { withUse } from "./use.ts";

/** What watches, and how much of its budgets is used. */
export function createTriggers(deps: Core & TriggerRules & NowDeps) {
  const { db, writer, clock } = deps;

  return {
    async register(trigger: Trigger): Promise<Trigger> {
      const registered = await writer.run((tx) => registerTrigger(tx, clock.now(), trigger, deps));
      deps.publish("triggers", trigger.id);
      return registered;
    },

    /** Throws for one that could not be registered; writes nothing. */
    check: (trigger: Trigger): void => assertTrigger(trigger, deps),

    /** One, with what came of it. */
    show: (projectId: string, triggerId: string): Promise<TriggerShown> =>
      showTrigger(db, clock.now(), { projectId, triggerId }, deps),

    /** Those of the configuration, all at once; see `putConfigured`. */
    async configure(triggers: readonly Trigger[]): Promise<Put> {
      const put = await writer.run((tx) => putConfigured(tx, clock.now(), triggers, deps));
      for (const id of [...put.registered, ...put.removed]) deps.publish("triggers", id);
      if (put.registered.length + put.removed.length > 0) deps.publish("ledger", "head");
      return put;
    },

    /** `sees`: only of these projects; null: of all. */
    async list(
      given: { cursor?: string | undefined; limit: number; sees?: readonly string[] | null } = { limit: 200 },
    ): Promise<TriggerPage> {
      const { sees = null } = given;
      const found = await listTriggers(db, { limit: given.limit + 1, after: parseCursor(given.cursor), sees });
      const shown = found.slice(0, given.limit);
      const triggers: TriggerPage["triggers"] = [];
      for (const trigger of shown) {
        const now = clock.now();
        const [last = null] = await attemptsOf(db, trigger, 1);
        triggers.push({
          ...trigger,
          ...(await withUse(db, now, trigger)),
          now: await nowOf(db, now, trigger, deps),
          last_attempt: last,
          last_proven: await lastProven(db, trigger),
        });
      }
      const last = shown.at(-1);
      const next = found.length > given.limit && last ? `${last.project_id} ${last.id}` : null;
      return { triggers, next, killed: await readKillSwitch(db) };
    },
  };
}

function parseCursor(cursor: string | undefined): { projectId: string; triggerId: string } | undefined {
  if (cursor === undefined) return undefined;
  const [, projectId, triggerId] = /^([a-z0-9-]{1,40}) ([A-Za-z0-9_-]{1,80})$/.exec(cursor) ?? [];
  if (projectId === undefined || triggerId === undefined)
    throw new PrunellaError("PRUNELLA_REQUEST_INVALID", { detail: "cursor is not one that this list gave out." });
  return { projectId, triggerId };
}
