import type { IncomingMessage, ServerResponse } from "node:http";
import { PrunellaError } from "@prunella/contract";
import { refused, send, type Answer } from "../kit/answers.ts";
import type { Door } from "../door.ts";
import { readWire } from "../kit/body.ts";
import { headOf } from "../kit/head.ts";
import type { Hold, InFlight } from "../kit/in-flight.ts";
import type { Line } from "./line.ts";
import type { Failure, FromDoors, ToDoors } from "./messages.ts";

/** A body up to here goes along with its head: asking for it would cost more than carrying it. */
const ALONG_MAX = 65_536;
const RETRY_AFTER_S = 5;

interface Waiting {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly hold: Hold;
  readonly door: string;
  readonly begunAt: number;
  /** Begun before it was asked for. */
  readonly wire: Promise<Buffer> | null;
}

export interface Reception {
  /** True when a door takes this request, which is then answered. */
  take(request: IncomingMessage, response: ServerResponse): boolean;
  /** From here on requests go there. */
  attach(line: Line<ToDoors>): void;
  hear(message: Extract<FromDoors, { kind: "want_body" | "answer" }>): void;
  /** Answers all that is in hand with 503, as it does until doors are attached again; the ids of those. */
  detach(): number[];
  /** Requests without an answer yet. */
  readonly inHand: number;
}

/** Told of each answer. */
export type OnAnswered = (door: string, status: number, seconds: number) => void;

/**
 * The side of the doors that has the port: it hands over heads and bodies as they came, counted as in
 * flight until the answer is there, and looks into nothing.
 */
export function createReception(
  doors: readonly Door[],
  inFlight: InFlight,
  onAnswered: OnAnswered = () => undefined,
): Reception {
  const waiting = new Map<number, Waiting>();
  let line: Line<ToDoors> | null = null;
  let lastId = 0;

  function begin(request: IncomingMessage, response: ServerResponse, to: Line<ToDoors>, door: string): void {
    const id = (lastId += 1);
    const head = headOf(request);
    const hold = inFlight.hold();
    const size = announced(request);
    const wire = size !== null && size > 0 && size <= ALONG_MAX ? readWire(request, size, hold) : null;
    waiting.set(id, { request, response, hold, wire, door, begunAt: performance.now() });
    if (size === 0) return to.say({ kind: "request", id, head, body: NOTHING });
    if (wire === null) return to.say({ kind: "request", id, head, body: null });
    wire.then(
      (bytes) => {
        if (!waiting.has(id)) return;
        const body = new Uint8Array(bytes);
        to.say({ kind: "request", id, head, body }, body.buffer);
      },
      () => waiting.has(id) && to.say({ kind: "request", id, head, body: null }),
    );
  }

  async function bring(id: number, maxBytes: number): Promise<void> {
    const asked = waiting.get(id);
    if (asked === undefined) return;
    const to = line;
    try {
      const bytes = await (asked.wire ?? readWire(asked.request, maxBytes, asked.hold));
      if (!waiting.has(id)) return;
      // Chunks are views on memory that others have views on too; a larger body was put together for us alone.
      const body = bytes.length <= ALONG_MAX ? new Uint8Array(bytes) : bytes;
      if (body.buffer instanceof ArrayBuffer) to?.say({ kind: "body", id, body }, body.buffer);
    } catch (thrown) {
      if (waiting.has(id)) to?.say({ kind: "no_body", id, failure: failureOf(thrown) });
    }
  }

  function end(id: number): Waiting | undefined {
    const ended = waiting.get(id);
    waiting.delete(id);
    ended?.hold[Symbol.dispose]();
    return ended;
  }

  function finish({ response, door, begunAt }: Waiting, answer: Answer): void {
    send(response, answer);
    onAnswered(door, answer.status, (performance.now() - begunAt) / 1_000);
  }

  return {
    take(request, response) {
      const { method = "", url = "" } = request;
      const door = doors.find((one) => one.takes({ method, url }));
      if (door === undefined) return false;
      if (line !== null) begin(request, response, line, door.name);
      else {
        send(response, away());
        onAnswered(door.name, away().status, 0);
      }
      return true;
    },
    attach(to) {
      line = to;
    },
    hear(message) {
      if (message.kind === "want_body") return void bring(message.id, message.maxBytes);
      const ended = end(message.id);
      if (ended !== undefined) finish(ended, message.answer);
    },
    detach() {
      line = null;
      const ids = [...waiting.keys()];
      for (const id of ids) {
        const ended = end(id);
        if (ended !== undefined) finish(ended, away());
      }
      return ids;
    },
    get inHand() {
      return waiting.size;
    },
  };
}

const NOTHING = new Uint8Array();

/** Bytes of a body by its head; null when the head does not say. */
function announced({ headers }: IncomingMessage): number | null {
  if (headers["transfer-encoding"] !== undefined) return null;
  return Number(headers["content-length"] ?? 0);
}

function away(): Answer {
  const error = new PrunellaError("PRUNELLA_DOORS_AWAY");
  const answer = refused({ error, retryAfterS: RETRY_AFTER_S, reason: "door.away" });
  // Whatever is left of the body goes with the connection.
  return { ...answer, headers: { ...answer.headers, "access-control-allow-origin": "*", connection: "close" } };
}

/** What is no refusal of ours is told as one that loses least. */
function failureOf(thrown: unknown): Failure {
  if (thrown instanceof PrunellaError) return { code: thrown.code, detail: thrown.detail, hint: thrown.hint };
  return { code: "PRUNELLA_INGEST_BUSY", detail: "The body could not be read now.", hint: null };
}
