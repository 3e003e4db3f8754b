import type { ErrorValue, Event } from "@prunella/contract";
import { errorsOf } from "./v1.ts";
import { crashFrame } from "./v1-frames.ts";
import { cleanClass, cleanFile, cleanFunction } from "./v1-names.ts";
import { scrubLabel } from "../faces/scrub-label.ts";
import type { DeepReadonly } from "../faces/scrubbed.ts";

const MAX_TITLE = 300;
const MAX_CULPRIT = 200;

/** What a person reads first: `TypeError: Cannot read …`, and `function · file` or "". Always scrubbed. */
export function describeFault(event: DeepReadonly<Event>): { title: string; culprit: string } {
  const errors = errorsOf(event);
  const thrown = errors.at(-1);
  const type = thrown?.type ?? null;
  const message = firstLine(thrown?.value ?? null) ?? firstLine(event.message) ?? firstLine(event.message_template);
  const title = [type, message].filter((part) => part !== null && part !== "").join(": ");
  let culprit: string | null = null;
  for (let i = errors.length - 1; culprit === null && i >= 0; i--) culprit = placeOf(errors[i]!);
  return {
    title: scrubLabel(title === "" ? ending(event) : title, MAX_TITLE).value,
    culprit: scrubLabel(culprit ?? event.transaction ?? "", MAX_CULPRIT).value,
  };
}

function placeOf({ frames, mechanism }: DeepReadonly<ErrorValue>): string | null {
  const crash = mechanism === "kernel" ? frames.findLast((each) => each.in_app === true) : crashFrame(frames);
  if (crash == null) return null;
  const name = crash.function === null ? "?" : cleanFunction(crash.function);
  const owner = crash.module !== null && /[.$]/.test(crash.module) ? `${cleanClass(crash.module)}.` : "";
  const file = crash.filename === null ? (owner === "" ? (crash.module ?? "") : "") : cleanFile(crash.filename);
  return file === "" ? `${owner}${name}` : `${owner}${name} · ${file}`;
}

function firstLine(text: string | null): string | null {
  const line = text
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
