import { PrunellaError } from "@prunella/contract";
import type { Measured } from "../../metrics/meter.ts";
import { refusalOf, refused, type Answer } from "../kit/answers.ts";
import type { Source } from "../kit/arrival.ts";
import type { Line } from "./line.ts";
import type { FromDoors, ToDoors } from "./messages.ts";
import type { Whose } from "./whose.ts";

export interface ServeDeps {
  readonly answer: (source: Source) => Promise<Answer> | null;
  readonly whose: Whose;
  readonly line: Line<FromDoors>;
  readonly look: () => void;
  readonly flush: () => Promise<void>;
  readonly onBacklog: (rows: number) => void;
  readonly measured: () => Measured | null;
  readonly close: () => void;
}

/** The side of the doors that is behind the port: what comes over the line is answered over it. */
export function serve({
  answer,
  whose,
  line,
  look,
  flush,
  onBacklog,
  measured,
  close,
}: ServeDeps): (message: ToDoors) => void {
  const bodies = new Map<number, { resolve(body: Buffer): void; reject(reason: unknown): void }>();

  function begin({ id, head, body }: Extract<ToDoors, { kind: "request" }>): void {
    const source: Source = {
      head,
      entered: (number) => whose.note(id, number),
      wire: (maxBytes) =>
        body === null
          ? new Promise((resolve, reject) => {
              bodies.set(id, { resolve, reject });
              line.say({ kind: "want_body", id, maxBytes });
            })
          : Promise.resolve(bufferOf(body)),
    };
    const answering = answer(source) ?? Promise.resolve(NOBODYS);
    const say = (given: Answer): void => {
      bodies.delete(id);
      line.say({ kind: "answer", id, answer: given });
    };
    // A door that fails while it refuses must not take the thread with it.
    answering.then(say, (thrown: unknown) => say(refused(refusalOf(thrown))));
  }

  return (message) => {
    switch (message.kind) {
      case "request":
        return begin(message);
      case "body":
        return bodies.get(message.id)?.resolve(bufferOf(message.body));
      case "no_body": {
        const { code, detail, hint } = message.failure;
        const words = { ...(detail === null ? {} : { detail }), ...(hint === null ? {} : { hint }) };
        return bodies.get(message.id)?.reject(new PrunellaError(code, words));
      }
      case "look":
        return look();
      case "flush": {
        const done = () => line.say({ kind: "flushed", id: message.id });
        return void flush().then(done, done);
      }
      case "ping":
        onBacklog(message.backlog);
        return line.say({ kind: "pong", measured: measured() });
      case "close":
        return close();
    }
  };
}

/** Both sides ask the same doors; this is for the case that they would not. */
const NOBODYS: Answer = { status: 404, headers: {}, body: "" };

const bufferOf = (body: Uint8Array): Buffer => Buffer.from(body.buffer, body.byteOffset, body.byteLength);
