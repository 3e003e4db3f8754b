import type { ServerProcess } from "./server-process.ts";

/** Reads of the operator API that measurements are judged by. */
export interface Operator {
  /** Sum of the counts of all faults, and how many faults there are. */
  counts(): Promise<{ events: number; faults: number }>;
  escalations(): Promise<number>;
  verifyLedger(): Promise<{ ok: boolean; size: number; problems: unknown }>;
  /** Waits until the faults' counts sum up to `events`, at most `timeoutMs`; returns the sum. */
  drained(events: number, timeoutMs: number): Promise<number>;
}

export function createOperator({ url, token }: Pick<ServerProcess, "url" | "token">): Operator {
  async function get(path: string): Promise<unknown> {
    const response = await fetch(new URL(path, url), { headers: { authorization: `Bearer ${token}` } });
    if (!response.ok)
      throw new Error(`${path} was answered ${response.status}: ${(await response.text()).slice(0, 300)}`);
    return response.json();
  }
  const operator: Operator = {
    async counts() {
      const faults = list(await get("/v1/faults?status=all&limit=200"), "faults");
      return {
        events: faults.reduce<number>((sum, fault) => sum + Number(field(fault, "count")), 0),
        faults: faults.length,
      };
    },
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
        const now = await operator.counts();
        if (now.events >= events || performance.now() > until) return now.events;
        await new Promise((resolve) => setTimeout(resolve, 50));
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
