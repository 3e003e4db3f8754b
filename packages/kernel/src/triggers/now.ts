import type { Trigger, TriggerNow } from "@prunella/contract";
import { NO_ENVELOPES, type EnvelopeBook } from "../gate/envelope-book.ts";
import { readAhead } from "../gate/facts.ts";
import { readRung } from "../gate/ladder.ts";
import type { Remedy } from "../gate/remedy.ts";
import type { Calendar } from "../ports.ts";
import type { Engine } from "../store/engine.ts";
import { mainTarget } from "./condition.ts";

export interface NowDeps {
  readonly remedies: ReadonlyMap<string, Remedy>;
  readonly book?: EnvelopeBook;
  readonly calendar: Calendar;
}

/**
 * What the gate would say to a trigger now, as far as it is known before a failure: of the rung that its ladder has
 * come to, on the target that it names.
 */
export async function nowOf(
  db: Engine["reader"],
  now: number,
  trigger: Trigger,
  { remedies, book = NO_ENVELOPES, calendar }: NowDeps,
): Promise<TriggerNow> {
  const { project_id: projectId, id } = trigger;
  const target = mainTarget(trigger);
  const request = { projectId, target, action: null, subject: { kind: "trigger" as const, id } };
  const rung = await readRung(db, { now, request, trigger });
  const action = rung?.action ?? null;
  const remedy = action === null ? null : (remedies.get(action) ?? null);
  const governing = book.of({ projectId, envelope: null, action, target, remedy });
  const ahead = await readAhead(db, { now, trigger, target, governing }, calendar);
  const lacks = remedy?.lacks?.(projectId, target, governing?.name) ?? null;
  const { storm } = ahead;
  return {
    maintenance_until: ahead.maintenanceUntil,
    quiet_until: ahead.quietUntil,
    storm_until: storm !== null && now < storm.until ? storm.until : null,
    is_asked: ahead.isAsked,
    is_left_to_person: ahead.isLeftToPerson,
    lacks: lacks === null ? null : `${lacks}_token_unset`,
    envelope: governing && { probe: governing.name, is_on: governing.isOn, stage: ahead.stage },
  };
}
