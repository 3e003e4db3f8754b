import { createConnection, type Connection } from "../../bench/connection.ts";
import type { EnvelopeMaker } from "../../bench/envelope.ts";
import { freshId } from "../../bench/loader.ts";
import type { Where } from "./where.ts";

export interface Writers {
  /** Ids that were answered 200. */
  readonly acknowledged: ReadonlySet<string>;
  /** How often an event had to be sent again because its answer never came. */
  readonly resent: number;
  /** Answers that were neither 200 nor 429, as `status body`. */
  readonly surprises: readonly string[];
  /** No more fresh events; resolves when every event in doubt has been acknowledged. */
  finish(): Promise<void>;
}

/** Between an answer and the next event, at most, ms: busy, but with room for the supervisor and the auditor. */
const LONGEST_PAUSE_MS = 10;

/** SDKs of a busy service: each lane sends one event at a time and keeps it until it is acknowledged. */
export function startWriters(given: {
  where: Where<{ envelopeUrl: URL }>;
  makers: readonly EnvelopeMaker[];
  lanes: number;
  random: () => number;
}): Writers {
  const acknowledged = new Set<string>();
  const surprises: string[] = [];
  const counts = { resent: 0 };
  let isFinishing = false;

  async function lane(number: number): Promise<void> {
    let url: URL | null = null;
    let connection: Connection | null = null;
    for (let sent = number; !isFinishing; sent += given.lanes) {
      const id = freshId();
      const body = given.makers[sent % given.makers.length]?.make(id, Date.now()) ?? Buffer.alloc(0);
      for (let tries = 0; !acknowledged.has(id); tries += 1) {
        const server = await given.where.current();
        if (server === null) return;
        if (tries > 0) counts.resent += 1;
        if (connection === null || url !== server.envelopeUrl) {
          connection?.close();
          url = server.envelopeUrl;
          connection = createConnection(url);
        }
        const answer = await connection.post(body).catch(() => null);
        if (answer?.status === 200 && answer.body.includes(id)) acknowledged.add(id);
        else if (answer !== null && answer.status !== 429)
          surprises.push(`${answer.status} ${answer.body.slice(0, 200)}`);
        // Down or full: a short wait, and the same event with the same id again.
        if (answer?.status !== 200) await new Promise((resolve) => setTimeout(resolve, 5));
      }
      await new Promise((resolve) => setTimeout(resolve, given.random() * LONGEST_PAUSE_MS));
    }
    connection?.close();
  }

  const done = Promise.all(Array.from({ length: given.lanes }, (_, number) => lane(number)));
  return {
    acknowledged,
    get resent() {
      return counts.resent;
    },
    surprises,
    async finish() {
      isFinishing = true;
      await done;
    },
  };
}
