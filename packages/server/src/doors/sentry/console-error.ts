import { isRecord, parseText } from "../kit/record.ts";

/** An error that was given to `console.error` or a logger and stands in the text as JSON. */
export interface ConsoleError {
  readonly type: string;
  readonly value: string;
  readonly stack: string | null;
  /** The text with the error in a person's words. */
  readonly text: string;
}

const TEXT_MAX = 64 * 1024;
const TRIES_MAX = 8;

/**
 * JavaScript SDKs write an error as `{"message":…,"name":…,"stack":…}` into the text of a log. Other
 * objects stay as they are. Null when there is no error in it.
 */
export function readConsoleError(body: string): ConsoleError | null {
  if (body.length > TEXT_MAX) return null;
  let from = body.indexOf('{"');
  for (let tries = 0; from !== -1 && tries < TRIES_MAX; tries += 1) {
    const end = endOfObject(body, from);
    if (end === -1) return null;
    const error = readError(parseText(body.slice(from, end)));
    if (error !== null) {
      const { type, value } = error;
      const text = `${body.slice(0, from)}${value === "" ? type : `${type}: ${value}`}${body.slice(end)}`;
      return { ...error, text };
    }
    from = body.indexOf('{"', end);
  }
  return null;
}

function readError(given: unknown): Omit<ConsoleError, "text"> | null {
  if (!isRecord(given) || typeof given.message !== "string") return null;
  const stack = typeof given.stack === "string" && given.stack !== "" ? given.stack : null;
  const name = typeof given.name === "string" && /^[\w.$]{1,100}$/.test(given.name) ? given.name : null;
  // A plain object may have a message too; an error has a name or a stack besides.
  if (stack === null && (name === null || !/(?:Error|Exception)$/.test(name))) return null;
  return { type: name ?? "Error", value: given.message, stack };
}

/** The place after the brace that closes the object, or -1. */
function endOfObject(text: string, from: number): number {
  let depth = 0;
  let inText = false;
  for (let at = from; at < text.length; at += 1) {
    const char = text[at];
    if (inText) {
      if (char === "\\") at += 1;
      else if (char === '"') inText = false;
    } else if (char === '"') inText = true;
    else if (char === "{") depth += 1;
    else if (char === "}" && (depth -= 1) === 0) return at + 1;
  }
  return -1;
}
