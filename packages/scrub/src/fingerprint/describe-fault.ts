import type { ErrorValue, Event, Frame } from "@prunella/contract";
import { plainMessage } from "../stacks/json-log.ts";
import { cleanOf, errorsOf, groupOf } from "./v1.ts";
import { crashFrame, owned } from "./v1-frames.ts";
import { messageTemplate } from "./v1-template.ts";
import { cleanClass, cleanFile, cleanFunction } from "./v1-names.ts";
import { scrubString } from "../faces/scrub-text.ts";
import { scrubLabel } from "../faces/scrub-label.ts";
import type { DeepReadonly } from "../faces/scrubbed.ts";

const MAX_TITLE = 300;
const MAX_CULPRIT = 200;
/** Of a class and of a template, that triggers compare. */
const MAX_COMPARED = 300;

export interface Described {
  readonly title: string;
  readonly culprit: string;
  /** Of the error that the title names; "" when there is none. */
  readonly errorClass: string;
  /** What stays equal between two messages of its kind; "" without a message. */
  readonly template: string;
}

/** What a person reads first: `TypeError: Cannot read …`, and `function · file` or "". Always scrubbed. */
export function describeFault(given: DeepReadonly<Event>): Described {
  const event = cleanOf(given);
  const errors = errorsOf(event);
  const thrown = errors.at(-1);
  const { type, value } = groupOf(event) ?? thrown ?? { type: null, value: null };
  const message = firstLine(value) ?? saidBy(errors) ?? firstLine(event.message) ?? firstLine(event.message_template);
  const title = [type, message].filter((part) => part !== null && part !== "").join(": ");
  const culprit = culpritOf(errors);
  return {
    title: scrubLabel(title === "" ? (culprit ?? ending(event)) : title, MAX_TITLE).value,
    culprit: scrubLabel(culprit ?? event.transaction ?? "", MAX_CULPRIT).value,
    errorClass: scrubLabel(type ?? "", MAX_COMPARED).value,
    template: templateOf(value ?? event.message_template ?? event.message),
  };
}

/** What only carries a failure from one thread or call to another; without words of its own it says nothing. */
const CARRIER =
  /^(?:ExecutionException|CompletionException|InvocationTargetException|TargetInvocationException|UndeclaredThrowableException|ExceptionInInitializerError)$/;

/** Of a carrier without words: what it carries. */
function saidBy(errors: readonly DeepReadonly<ErrorValue>[]): string | null {
  let end = errors.length;
  while (end > 0 && CARRIER.test(errors[end - 1]!.type ?? "") && firstLine(errors[end - 1]!.value) === null) end--;
  const inside = end === errors.length ? undefined : errors[end - 1];
  if (inside === undefined) return null;
  return [inside.type, firstLine(inside.value)].filter((part) => part !== null).join(": ") || null;
}

/** The text is scrubbed before the values leave it: a value could be half of a secret. */
function templateOf(text: string | null): string {
  if (text === null) return "";
  return messageTemplate(scrubString(plainMessage(text), () => undefined)).slice(0, MAX_COMPARED);
}

/** Own code first, of the thrown error or else of what caused it; a library only where nobody has own code. */
function culpritOf(errors: readonly DeepReadonly<ErrorValue>[]): string | null {
  const crashes = errors.map(({ frames, mechanism }) =>
    mechanism === "kernel" ? frames.findLast((each) => each.in_app === true) : crashFrame(frames),
  );
  const crash = crashes.findLast((each) => each?.in_app === true) ?? crashes.findLast((each) => each != null);
  return crash == null ? null : placeOf(crash);
}

function placeOf(crash: DeepReadonly<Frame>): string {
  const name = crash.function === null ? "?" : cleanFunction(crash.function);
  const owner = crash.module !== null && /[.$]/.test(crash.module) ? cleanClass(crash.module) : "";
  const file = crash.filename === null ? (owner === "" ? (crash.module ?? "") : "") : cleanFile(crash.filename);
  const call = owned(owner, name);
  return file === "" ? call : `${call} · ${file}`;
}

function firstLine(text: string | null): string | null {
  const line = (text === null ? null : plainMessage(text))
    ?.trimStart()
    .split(/[\r\n]/, 1)[0]
    ?.trim();
  return line === undefined || line === "" ? null : line;
}

function ending({ target, exit_code, signal, level }: DeepReadonly<Event>): string {
  const who = target?.replace(/^program:/, "") ?? "Program";
  if (signal !== null) return `${who} was killed by ${signal}`;
  if (exit_code !== null) return `${who} exited with code ${exit_code}`;
  return `An event of level ${level} without a message`;
}
