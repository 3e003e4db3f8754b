import { randomUUID } from "node:crypto";
import { scrubText } from "@prunella/scrub";
import { isRecord, parseJson, parseText, textStart } from "../kit/record.ts";
import { errorList, readFrames, type FrameList } from "./stack.ts";

type Raw = Readonly<Record<string, unknown>>;

/** Bytes of a list that is worth knowing; shorter ones are read as fast. */
const MIN_BYTES = 1_024;
const MAX_BYTES = 32 * 1024;
/** Lists of one generation, some 25 kilobytes each with what was read of them; two are kept. */
const MAX_LISTS = 256;
/** Lists that begin alike; each costs a comparison. */
const MAX_ALIKE = 32;
/** Lists that were met and are not known, of one generation. */
const MAX_MET = 1_024;
/** Lists of one event that are looked at. */
const MAX_LOOKS = 16;

const KEY = Buffer.from('"frames":');
const [QUOTE, BACKSLASH, OPEN, CLOSE] = [0x22, 0x5c, 0x5b, 0x5d];
const [OPEN_BRACE, CLOSE_BRACE] = [0x7b, 0x7d];

interface Known {
  /** The whole list as it came, from bracket to bracket. */
  readonly text: Buffer;
  /** What stands in its place while the rest is parsed. */
  readonly name: string;
  readonly list: FrameList;
}

interface Cut {
  readonly from: number;
  readonly known: Known;
}

/**
 * Reads the JSON of events. Every event of a fault brings the same lists of frames, half of its bytes
 * and more: a list whose bytes came before is not parsed again, and what was read of it is handed out
 * as one frozen object. The result is the same as of parsing all of it. A list is remembered when it
 * comes a second time and the scrubber finds nothing in it.
 */
export function createEventParser(): (bytes: Buffer) => unknown {
  const secret = randomUUID();
  let serial = 0;
  let young = new Map<number, Known[]>();
  let old = new Map<number, Known[]>();
  let count = 0;
  /** By hash; true for lists that are not to be kept. */
  let met = new Map<number, boolean>();
  let metBefore = new Map<number, boolean>();

  function find(bytes: Buffer, at: number, start: number): Known | undefined {
    for (const generation of [young, old]) {
      for (const known of generation.get(start) ?? []) {
        const end = at + known.text.length;
        if (bytes[end - 1] !== CLOSE || bytes.compare(known.text, 0, known.text.length, at, end) !== 0) continue;
        if (generation === old) keep(start, known);
        return known;
      }
    }
    return undefined;
  }

  function keep(start: number, known: Known): void {
    if (count >= MAX_LISTS) {
      old = young;
      young = new Map();
      count = 0;
    }
    const alike = young.get(start) ?? [];
    if (alike.length >= MAX_ALIKE) return;
    young.set(start, [...alike, known]);
    count += 1;
  }

  /** Remembers a list at its second time. */
  function learn(text: Buffer, start: number): void {
    const hash = hashOf(text, 0, text.length, 1);
    const isUnfit = met.get(hash) ?? metBefore.get(hash);
    if (isUnfit === true) return;
    if (isUnfit === undefined) return meet(hash, false);
    const frames = parseJson(text);
    if (!Array.isArray(frames) || scrubText(text.toString()).redactions.length > 0) return meet(hash, true);
    // A copy of its own: a piece of the body would keep the whole of it in memory.
    keep(start, { text: Buffer.from(text), name: `${secret} ${serial++}`, list: frozen(readFrames(frames)) });
  }

  function meet(hash: number, isUnfit: boolean): void {
    if (met.size >= MAX_MET) {
      metBefore = met;
      met = new Map();
    }
    met.set(hash, isUnfit);
  }

  function cutsOf(bytes: Buffer): Cut[] {
    const cuts: Cut[] = [];
    let key = bytes.indexOf(KEY);
    for (let looks = 0; key !== -1 && looks < MAX_LOOKS; looks += 1) {
      const from = afterSpace(bytes, key + KEY.length);
      let next = from;
      if (bytes[from] === OPEN && bytes.length - from >= MIN_BYTES) {
        const start = hashOf(bytes, from, from + MIN_BYTES, 31);
        const known = find(bytes, from, start);
        const end = known ? from + known.text.length : endOfList(bytes, from);
        // Lists stand inside of lists only in what no SDK sends.
        if (end === -1) break;
        if (known) cuts.push({ from, known });
        else if (end - from >= MIN_BYTES) learn(bytes.subarray(from, end), start);
        next = end;
      }
      key = bytes.indexOf(KEY, next);
    }
    return cuts;
  }

  return (bytes) => {
    const cuts = cutsOf(bytes);
    if (cuts.length === 0) return parseJson(bytes);
    let text = "";
    let at = textStart(bytes);
    for (const { from, known } of cuts) {
      text += `${bytes.toString("utf8", at, from)}"${known.name}"`;
      at = from + known.text.length;
    }
    const value = parseText(text + bytes.toString("utf8", at));
    // Whatever stands where no stack stands is read the plain way.
    return isRecord(value) && putBack(value, cuts) === cuts.length ? value : parseJson(bytes);
  };
}

/** The parser of this process: lists are equal by their bytes, whoever sends them. */
export const parseEvent = createEventParser();

/** Puts lists where their names stand; returns how many places there were. */
function putBack(event: Raw, cuts: readonly Cut[]): number {
  const lists = new Map(cuts.map(({ known }) => [known.name, known.list]));
  const errors = event.exception ?? event["sentry.interfaces.Exception"];
  let places = 0;
  for (const holder of [...errorList(errors), event, ...errorList(event.threads)]) {
    const stack = holder.stacktrace;
    if (!isRecord(stack) || typeof stack.frames !== "string") continue;
    const list = lists.get(stack.frames);
    if (list === undefined) continue;
    Object.assign(stack, { frames: list });
    places += 1;
  }
  return places;
}

function frozen(list: FrameList): FrameList {
  for (const frame of list.frames) {
    Object.freeze(frame.pre_context);
    Object.freeze(frame.post_context);
    Object.freeze(frame);
  }
  Object.freeze(list.frames);
  return list;
}

function afterSpace(bytes: Buffer, at: number): number {
  let next = at;
  while (bytes[next] === 0x20 || bytes[next] === 0x09 || bytes[next] === 0x0a || bytes[next] === 0x0d) next += 1;
  return next;
}

/** The place after the bracket that closes the list, or -1: it has no end, or is too long to be worth it. */
function endOfList(bytes: Buffer, from: number): number {
  const limit = Math.min(bytes.length, from + MAX_BYTES);
  let depth = 0;
  let inText = false;
  for (let at = from; at < limit; at += 1) {
    const byte = bytes[at];
    if (inText) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) inText = false;
    } else if (byte === QUOTE) inText = true;
    else if (byte === OPEN || byte === OPEN_BRACE) depth += 1;
    else if (byte === CLOSE || byte === CLOSE_BRACE) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return -1;
}

/** FNV-1a over every `step`-th byte, 32 bits (Fowler, Noll, Vo). Equal hashes are compared, so it need not be strong. */
function hashOf(bytes: Buffer, from: number, to: number, step: number): number {
  let hash = 0x811c9dc5;
  for (let at = from; at < to; at += step) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  return hash;
}
