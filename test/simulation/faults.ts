/** What may go wrong around the kernel. Each must have happened at least once in a run, or the run proves less than it says. */
export const FAULTS = {
  read_failed: "a query has no answer",
  read_slow: "a query's answer comes late, and is old by then",
  write_failed: "a statement of a unit fails",
  write_busy: "a unit loses a race and is to run again",
  commit_failed: "a commit fails, and nothing was kept",
  commit_slow: "a commit is answered late",
  answer_lost: "a commit holds, and its answer is lost",
  crash_idle: "a process ends between two units",
  crash_in_unit: "a process ends in the middle of a unit",
  crash_before_answer: "a process ends between a commit and its answer",
  torn_tile: "a file of the ledger is written by half, and its process ends",
  notice_lost: "a text between processes is lost",
  timer_late: "a timer fires late",
  supervisor_deaf: "a supervisor never hears an answer",
  supervisor_twice: "a supervisor says the same twice",
  supervisor_late: "a supervisor redeems or reports late",
  supervisor_stale: "an executor shows a fence that is not its own",
  supervisor_gone: "a supervisor ends without a word",
  person_late: "a person decides late",
  person_twice: "a person decides twice",
  person_never: "a person never decides, and the question ends by itself",
  agents_at_once: "two agents ask for the same at the same time",
  policy_paused: "somebody tells policy to stand still",
  target_worked_on: "somebody works on a target",
  budget_widened: "somebody widens a budget",
  dry_run: "a trigger only tries",
  storm: "a trigger leaves alone what fails with most of the rest",
  effect_failed: "a remedy does not help",
  effect_slow: "a remedy takes long",
} as const;

export type Fault = keyof typeof FAULTS;
export const FAULT_NAMES = Object.keys(FAULTS).filter((name): name is Fault => Object.hasOwn(FAULTS, name));

/** What the simulation itself lets go wrong; a kernel may pass it on, and must not fail by it in another way. */
export class InjectedFault extends Error {
  readonly errcode: number;
  constructor(fault: Fault, isRetryable = false) {
    super(`injected: ${fault}`);
    this.errcode = isRetryable ? 5 : 10;
  }
}
