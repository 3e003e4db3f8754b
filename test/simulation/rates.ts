import type { Chance } from "./chance.ts";
import type { Rates } from "./engine.ts";
import { FAULT_NAMES, type Fault } from "./faults.ts";

/** How often each fault happens where it may: a statement, a commit, a timer, a step of somebody. */
const OFTEN: Readonly<Record<Fault, number>> = {
  read_failed: 0.01,
  read_slow: 0.02,
  write_failed: 0.004,
  write_busy: 0.01,
  commit_failed: 0.02,
  commit_slow: 0.03,
  answer_lost: 0.03,
  crash_idle: 0.9,
  crash_in_unit: 0.002,
  crash_before_answer: 0.01,
  torn_tile: 0.2,
  notice_lost: 0.3,
  timer_late: 0.05,
  supervisor_deaf: 0.08,
  supervisor_twice: 0.2,
  supervisor_late: 0.15,
  supervisor_stale: 0.2,
  supervisor_gone: 0.08,
  person_late: 0.4,
  person_twice: 0.4,
  person_never: 0.3,
  agents_at_once: 0.5,
  policy_paused: 0.4,
  target_worked_on: 0.5,
  budget_widened: 0.7,
  dry_run: 0.3,
  storm: 0.4,
  effect_failed: 0.3,
  effect_slow: 0.15,
};

/** Each seed has some of them: where everything fails nothing comes far. */
export function drawRates(chance: Chance): Rates {
  const rates: Partial<Record<Fault, number>> = {};
  const share = chance.pick([0, 0.3, 0.6]);
  for (const fault of FAULT_NAMES) if (chance.is(share)) rates[fault] = OFTEN[fault];
  return rates;
}
