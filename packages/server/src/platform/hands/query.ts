import type { ProbeHands } from "@prunella/contract";
import type { Credentials } from "./credential.ts";
import { codeOf, failed } from "./failure.ts";

/** Nobody's address of a database is asked for more than this. */
const STATEMENT_MS = 10_000;

/** SQLSTATEs that say more than that it failed (PostgreSQL, appendix A). */
const STATES: Readonly<Record<string, readonly [category: string, words: string]>> = {
  "28P01": ["password", "does not take the password"],
  "28000": ["forbidden", "does not let this user in"],
  "3D000": ["not_found", "has no such database"],
  "53300": ["too_many", "has no connection left"],
  "57P03": ["starting", "is starting"],
  "57014": ["timeout", "did not answer in time"],
};

/** One question to a PostgreSQL, in a session that can only read. */
export const queryWith =
  ({ read }: Pick<Credentials, "read">): ProbeHands["query"] =>
  async ({ credential, sql }, signal) => {
    const found = await read(credential, signal);
    if (!found.ok) return found;
    const { secret: address } = found;
    if (address === null)
      return { ok: false, category: "token_unset", detail: `There is no address at ${credential}.` };
    // Loaded when the first such probe is checked.
    const { default: pg } = await import("pg");
    const client = new pg.Client({
      connectionString: address,
      connectionTimeoutMillis: STATEMENT_MS,
      statement_timeout: STATEMENT_MS,
      options: "-c default_transaction_read_only=on",
      application_name: "prunella-probe",
    });
    client.on("error", () => undefined);
    const onAbort = () => client.connection.stream.destroy(Object.assign(new Error("aborted"), { code: "ABORT_ERR" }));
    signal.addEventListener("abort", onAbort, { once: true });
    const startedAt = performance.now();
    try {
      await client.connect();
      const { rows } = await client.query<Record<string, unknown>>(sql);
      return { ok: true, rows, tookMs: performance.now() - startedAt };
    } catch (error) {
      const [category, words] = (signal.aborted ? undefined : STATES[codeOf(error)]) ?? [];
      if (category !== undefined) return { ok: false, category, detail: `PostgreSQL ${words}.` };
      return failed("PostgreSQL", error, signal);
    } finally {
      signal.removeEventListener("abort", onAbort);
      // An end that waits for a server that hangs is not waited for.
      client.end().catch(() => undefined);
    }
  };
