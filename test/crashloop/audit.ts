import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { filesBelow } from "../../bench/folder.ts";
import { field } from "../../bench/operator.ts";

/** What must hold in a data folder at rest; each broken promise is one line. */
export function audit(given: {
  data: string;
  acknowledged: number;
  effects: ReadonlySet<string>;
  planted: readonly string[];
}): string[] {
  using database = openDatabase(join(given.data, "prunella.db"));
  return [
    ...auditIntegrity(database),
    ...auditCounts(database, given.acknowledged),
    ...auditAttempts(database, given.effects),
    ...auditSecrets(given.data, given.planted),
  ];
}

function openDatabase(path: string): DatabaseSync & Disposable {
  return new DatabaseSync(path, { readOnly: true });
}

function auditIntegrity(database: DatabaseSync): string[] {
  const found = database
    .prepare("pragma integrity_check")
    .all()
    .map((row) => String(row["integrity_check"]));
  const strangers = database.prepare("pragma foreign_key_check").all().length;
  return [
    ...found.filter((line) => line !== "ok").map((line) => `integrity_check: ${line}`),
    ...(strangers === 0 ? [] : [`${strangers} rows break a foreign key`]),
  ];
}

/** Every acknowledged event exactly once, in each of the three places that count. */
function auditCounts(database: DatabaseSync, acknowledged: number): string[] {
  const sum = (statement: string) => Number(database.prepare(statement).get()?.["sum"] ?? 0);
  const counted = {
    faults: sum("select sum(count) as sum from fault"),
    deltas: sum("select sum(count) as sum from delta"),
    fingerprints: sum("select sum(seen) as sum from fault_key"),
  };
  return Object.entries(counted)
    .filter(([, events]) => events !== acknowledged)
    .map(
      ([where, events]) =>
        `${acknowledged} events were acknowledged and the ${where} count ${events}: ${events < acknowledged ? `${acknowledged - events} lost` : `${events - acknowledged} too many`}`,
    );
}

/** No effect without an earlier intent, told by the ledger's own order. */
function auditAttempts(database: DatabaseSync, effects: ReadonlySet<string>): string[] {
  const broken: string[] = [];
  const intents = new Map<string, number>();
  const started = new Map<string, number>();
  for (const row of database.prepare("select idx, entry from ledger order by idx").all()) {
    const entry: unknown = JSON.parse(String(row["entry"]));
    const [type, attempt, index] = [field(entry, "type"), String(field(entry, "attempt")), Number(row["idx"])];
    if (type === "attempt_intent") intents.set(attempt, index);
    if (type !== "attempt_started") continue;
    const intent = intents.get(attempt);
    if (intent === undefined || intent >= index || field(entry, "intent") !== intent)
      broken.push(`attempt ${attempt} started at entry ${index} without an earlier intent`);
    if (started.has(attempt)) broken.push(`attempt ${attempt} started twice`);
    started.set(attempt, index);
  }
  for (const attempt of effects)
    if (!started.has(attempt)) broken.push(`the effect of attempt ${attempt} happened and the ledger does not say so`);
  for (const row of database
    .prepare("select attempt_id, audit_log_id, state, started_at from self_heal_attempts order by attempt_id")
    .all()) {
    const attempt = String(row["attempt_id"]);
    if (row["state"] === "refused") continue;
    if (intents.get(attempt) !== Number(row["audit_log_id"]))
      broken.push(`attempt ${attempt} does not point at its intent`);
    if (row["started_at"] !== null && !started.has(attempt))
      broken.push(`attempt ${attempt} ran and the ledger does not say so`);
  }
  return broken;
}

/** Bytes of every file, write-ahead log and free pages included. */
function auditSecrets(data: string, planted: readonly string[]): string[] {
  return filesBelow(data).flatMap((path) => {
    const bytes = readFileSync(path);
    return planted
      .filter((secret) => bytes.includes(secret))
      .map((secret) => `${path} holds the planted ${secret.slice(0, 6)}…`);
  });
}
