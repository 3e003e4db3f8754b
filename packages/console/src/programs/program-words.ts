import type { ProgramAnswer, SupervisedRow } from "@prunella/contract";
import { refusalWords } from "../parts/words.ts";

export type Verb = "start" | "stop" | "restart";
export type Condition = "running" | "waiting" | "down" | "stopped" | "gone";

/** `waiting` is two things: it starts again by itself soon, or not before a person says so. */
export const conditionOf = ({ state, open_escalation_id }: SupervisedRow): Condition =>
  state === "waiting" && open_escalation_id !== null ? "down" : state;

/** Colour, shape and word together, so that none carries it alone. */
export const CONDITIONS: Record<Condition, { tone: string; shape: string; word: string }> = {
  running: { tone: "text-good", shape: "●", word: "running" },
  waiting: { tone: "text-warn", shape: "◐", word: "waiting to restart" },
  down: { tone: "text-bad", shape: "▲", word: "down and waits for a person" },
  stopped: { tone: "text-quiet", shape: "■", word: "stopped by a person" },
  gone: { tone: "text-quiet", shape: "–", word: "not watched" },
};

/** What can be asked of it now; the gate has the last word. */
export const VERBS: Record<Condition, readonly Verb[]> = {
  running: ["restart", "stop"],
  waiting: ["start", "stop"],
  down: ["start", "stop"],
  stopped: ["start"],
  gone: [],
};

export const DONE: Record<Verb, string> = { start: "started", stop: "stopped", restart: "restarted" };

/** What a press would do, in whole sentences. */
export function promiseOf(verb: Verb, name: string, condition: Condition): string {
  const answers = condition === "down" ? " That answers the open question." : "";
  switch (verb) {
    case "start":
      return `${name} is started once, whatever its budget says. Remedies look after it again from then on.${answers}`;
    case "stop":
      return condition === "running"
        ? `${name} is asked to end, and killed when it does not within its grace. It then stays stopped: no remedy starts it, until a person does.`
        : `${name} is down and stays so: no remedy starts it, until a person does.${answers}`;
    case "restart":
      return `${name} is asked to end, and killed when it does not within its grace. Then it is started again. It does not answer in between.`;
  }
}

/** "exited with code 7", "was killed by SIGSEGV". */
export const exitWords = ({ exit_code, signal }: NonNullable<SupervisedRow["last_crash"]>): string =>
  signal !== null
    ? `was ended by ${signal}`
    : exit_code === null
      ? "ended, nobody knows how"
      : `exited with code ${exit_code}`;

type LastAttempt = NonNullable<SupervisedRow["last_attempt"]>;

/** What became of what was last asked of the gate. */
export function verdictWords({ action, state, refusal, verification }: LastAttempt): string {
  const verb = action ?? "act";
  const done = verb === "start" || verb === "stop" || verb === "restart" ? DONE[verb] : `${verb} done`;
  switch (state) {
    case "refused":
      return `${verb} refused: ${refusalWords(refusal ?? "refused")}`;
    case "permitted":
      return `${verb} permitted, not begun yet`;
    case "running":
      return `${verb} under way`;
    case "failed":
      return `${verb} failed`;
    case "expired":
      return `${verb} permitted, and not begun in time`;
    case "abandoned":
      return `${verb} begun, and nobody knows how it ended`;
    case "succeeded":
      break;
  }
  // A stop is nothing to hold.
  if (verb === "stop") return done;
  if (verification === "held") return `${done}, and it held`;
  if (verification === "ineffective") return `${done}, and it failed again`;
  return verification === "watching" ? `${done}, watched now` : done;
}

/** The gate's no, with the way out where there is one. */
export const refusedWords = (verb: Verb, name: string, { refusal, detail, change_with }: ProgramAnswer): string =>
  [
    `The gate refused to ${verb} ${name}: ${refusalWords(refusal ?? "refused")}.`,
    detail,
    change_with === null ? null : `What would change it: ${change_with}`,
  ]
    .filter((part) => part !== null)
    .join(" ");

/** "54 MB of memory, 3 % of a core", with what it started; null when its system does not say. */
export function vitalsWords({ rss_bytes: rss, cpu }: NonNullable<SupervisedRow["vitals"]>): string | null {
  const words = [
    ...(rss === null
      ? []
      : [`${rss < 10_485_760 ? (rss / 1_048_576).toFixed(1) : Math.round(rss / 1_048_576)} MiB of memory`]),
    ...(cpu === null ? [] : [`${Math.round(cpu * 100)} % of a core`]),
  ];
  return words.length === 0 ? null : `${words.join(", ")}.`;
}
