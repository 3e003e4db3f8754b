import { VERSION } from "@prunella/contract";
import type { Engine, Kernel } from "@prunella/kernel";
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import { readGauges } from "./gauges.ts";
import { createLedgerCounts } from "./ledger-counts.ts";
import type { Recorder, Sink } from "./recorder.ts";

export interface MetricsDeps {
  readonly recorder: Recorder;
  readonly engine: Engine;
  readonly kernel: Pick<Kernel, "backlog" | "ledger">;
  readonly publishedSize: () => Promise<number>;
  readonly freeDisk: () => number | null;
  readonly now: () => number;
  /** The thread of the doors: open, bytes and requests in hand. */
  readonly doors: () => { readonly isOpen: boolean; readonly bytes: number; readonly requests: number };
}

export interface Metrics {
  readonly contentType: string;
  /** Also while the database is away: then without what stands in it, and `prunella_database_up 0`. */
  scrape(): Promise<string>;
}

/** An SDK gives up after seconds; a commit takes a millisecond or a slow disk's hundred. */
const DOOR_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const COMMIT_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];
const BATCH_UNITS = [1, 2, 4, 8, 16, 32, 64, 128, 256];

/** What Prometheus reads at `/metrics`. Names are promises: dashboards and alert rules stand on them. */
export async function openMetrics(deps: MetricsDeps): Promise<Metrics> {
  const { recorder, engine, kernel, now } = deps;
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Counter({ name, help, labelNames: [...labelNames], registers });
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Gauge({ name, help, labelNames: [...labelNames], registers });
  const histogram = <L extends string>(name: string, help: string, labelNames: readonly L[], buckets: number[]) =>
    new Histogram({ name, help, labelNames: [...labelNames], buckets, registers });

  const events = counter("prunella_events_total", "Events that came in, by whether they had been counted before.", [
    "result",
  ]);
  const losses = counter("prunella_losses_total", "What was given up, by reason; docs/losses.md has the reasons.", [
    "reason",
  ]);
  const doorSeconds = histogram(
    "prunella_door_request_duration_seconds",
    "From a request's head to its answer.",
    ["door", "code"],
    DOOR_SECONDS,
  );
  const doorsOpen = gauge("prunella_doors_open", "1 while the thread of the doors answers.");
  const doorRequests = gauge("prunella_door_requests_in_flight", "Requests at the doors without an answer yet.");
  const doorBytes = gauge("prunella_door_in_flight_bytes", "Bytes of requests that are being decoded.");
  const backlog = gauge("prunella_digest_backlog_rows", "Rows that were appended and wait for the digest.");
  const workDue = gauge("prunella_work_due", "Items of work whose time has come.");
  const decisions = counter("prunella_decisions_total", "What the gate said, as new entries of the ledger.", [
    "verdict",
  ]);
  const outcomes = counter("prunella_attempts_total", "What came of attempts and of their quiet watch.", ["outcome"]);
  const questions = counter("prunella_escalations_total", "Questions opened and decided.", ["change"]);
  const questionsOpen = gauge("prunella_escalations_open", "Questions that wait for a person.");
  const killed = gauge("prunella_healing_killed", "1 while the kill switch is on.");
  const ledgerEntries = gauge("prunella_ledger_entries", "Entries of the ledger.");
  const ledgerLag = gauge("prunella_ledger_unpublished_entries", "Entries that this server has not published yet.");
  const nodes = gauge("prunella_nodes", "Processes that live on this database.");
  const batchUnits = histogram(
    "prunella_writer_batch_units",
    "Units that one commit holds, by thread.",
    ["thread"],
    BATCH_UNITS,
  );
  const commitSeconds = histogram(
    "prunella_writer_commit_duration_seconds",
    "How long one batch took, by thread.",
    ["thread"],
    COMMIT_SECONDS,
  );
  const projectBytes = gauge("prunella_project_bytes", "What the rows of a project take, about.", ["project"]);
  const freeDisk = gauge("prunella_disk_free_bytes", "Free on the data folder's disk.");
  const databaseUp = gauge("prunella_database_up", "1 when the database answered this look.");
  gauge("prunella_build_info", "The version, as a label.", ["version"]).set({ version: VERSION }, 1);

  // A rate needs its zero: what was never seen begins there.
  for (const result of ["counted", "duplicate"]) events.inc({ result }, 0);
  decisions.inc({ verdict: "permitted" }, 0);
  for (const outcome of ["succeeded", "failed", "expired", "abandoned", "held", "ineffective"])
    outcomes.inc({ outcome }, 0);
  for (const change of ["opened", "decided"]) questions.inc({ change }, 0);

  const sink: Sink = {
    measured(thread, { counted, duplicates, lost, batches }) {
      events.inc({ result: "counted" }, counted);
      events.inc({ result: "duplicate" }, duplicates);
      for (const [reason, quantity] of Object.entries(lost)) losses.inc({ reason }, quantity);
      for (const [units, seconds] of batches) {
        batchUnits.observe({ thread }, units);
        commitSeconds.observe({ thread }, seconds);
      }
    },
    answered: (door, status, seconds) => doorSeconds.observe({ door, code: String(status) }, seconds),
  };
  recorder.attach(sink);

  const lookAtLedger = createLedgerCounts(kernel.ledger, {
    decision: (verdict) => decisions.inc({ verdict }),
    outcome: (outcome) => outcomes.inc({ outcome }),
    question: (change) => questions.inc({ change }),
  });
  // What the ledger gains from here on counts; when it cannot be read yet, from the first look on.
  await lookAtLedger().catch(() => undefined);

  async function lookAtDatabase(): Promise<void> {
    const [size, published, seen] = await Promise.all([
      lookAtLedger(),
      deps.publishedSize(),
      readGauges(engine.reader, now()),
    ]);
    ledgerEntries.set(size);
    ledgerLag.set(Math.max(0, size - published));
    workDue.set(seen.workDue);
    questionsOpen.set(seen.questionsOpen);
    nodes.set(seen.nodes);
    killed.set(seen.isKilled ? 1 : 0);
    projectBytes.reset();
    for (const [project, bytes] of seen.projectBytes) projectBytes.set({ project }, bytes);
  }

  async function look(): Promise<string> {
    recorder.drain();
    const { isOpen, bytes, requests } = deps.doors();
    doorsOpen.set(isOpen ? 1 : 0);
    doorBytes.set(bytes);
    doorRequests.set(requests);
    backlog.set(kernel.backlog());
    const free = deps.freeDisk();
    if (free !== null) freeDisk.set(free);
    databaseUp.set(
      await lookAtDatabase().then(
        () => 1,
        () => 0,
      ),
    );
    return registry.metrics();
  }

  let looking: Promise<string> | null = null;
  return {
    contentType: registry.contentType,
    // Several who ask at once cost one look.
    scrape: () => (looking ??= look().finally(() => (looking = null))),
  };
}
