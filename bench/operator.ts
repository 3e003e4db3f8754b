import type { ServerProcess } from "./server-process.ts";

/** Reads of the operator API that measurements are judged by. */
export interface Operator {
  /** Sum of the counts of all faults, and how many faults there are. */
  counts(): Promise<{ events: number; faults: number }>;
  /** What the Inbox asks for when it opens. */
  firstPage(): Promise<unknown>;
  escalations(): Promise<number>;
  verifyLedger(): Promise<{ ok: boolean; size: number; problems: unknown }>;
  /** Waits until the faults' counts sum up to `events`, at most `timeoutMs`; returns the sum. */
  drained(events: number, timeoutMs: number): Promise<number>;
}

/** Of 200 faults. */
const MAX_PAGES = 100;

export function createOperator({ url, token }: Pick<ServerProcess, "url" | "token">): Operator {
  async function get(path: string): Promise<unknown> {
    const response = await fetch(new URL(path, url), { headers: { authorization: `Bearer ${token}` } });
    if (!response.ok)
      throw new Error(`${path} was answered ${response.status}: ${(await response.text()).slice(0, 300)}`);
    return response.json();
  }
  const operator: Operator = {
    async counts() {
      let events = 0;
      // A fault may be met on two pages when it moves up between them.
      const ids = new Set<unknown>();
      for (let next: unknown = "", pages = 0; typeof next === "string" && pages < MAX_PAGES; pages += 1) {
        const page = await get(`/v1/faults?status=all&limit=200${next === "" ? "" : `&cursor=${next}`}`);
        for (const fault of list(page, "faults")) {
          if (!ids.has(field(fault, "id"))) events += Number(field(fault, "count"));
          ids.add(field(fault, "id"));
        }
        next = field(page, "next");
      }
      return { events, faults: ids.size };
    },
    firstPage: () => get("/v1/faults?limit=50"),
    async escalations() {
      return list(await get("/v1/escalations?status=all"), "escalations").length;
    },
    async verifyLedger() {
      const report = await get("/v1/ledger/verify");
      return {
        ok: field(report, "ok") === true,
        size: Number(field(report, "size")),
        problems: field(report, "problems"),
      };
    },
    async drained(events, timeoutMs) {
      const until = performance.now() + timeoutMs;
      for (;;) {
        const askedAt = performance.now();
        const now = await operator.counts();
        if (now.events >= events || performance.now() > until) return now.events;
        // Asking is work for the server that is being measured: a tenth of the time at most.
        const pause = Math.max(50, 10 * (performance.now() - askedAt));
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    },
  };
  return operator;
}

/** A member of something that came as JSON. */
export function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function list(value: unknown, name: string): readonly unknown[] {
  const found = field(value, name);
  if (!Array.isArray(found)) throw new Error(`the answer has no list of ${name}`);
  return found;
}
