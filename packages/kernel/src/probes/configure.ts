import type { ProbeConfig } from "@prunella/contract";
import type { Rng } from "../ports.ts";
import type { Tx } from "../store/engine.ts";
import { DEAD_MS } from "../nodes/node.ts";

/** The first looks after a start are spread over at most this. */
const SPREAD_MS = 60_000;

export interface Configured {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/** A probe of the configuration, with its settings as they are written down. */
export interface Given extends Omit<ProbeConfig, "settings"> {
  readonly shown: string;
  /** What it looks at is another than a moment ago, which need not be seen in what is shown. */
  readonly isOther: boolean;
}

/**
 * Makes the probes of one data folder what its configuration says. Each keeps what was found about it, unless
 * it looks at something else now. Those of a data folder that no server has any more go as well.
 */
export async function configureProbes(
  tx: Tx,
  given: { now: number; place: string; rng: Rng; probes: readonly Given[] },
): Promise<Configured> {
  const { now, place, rng, probes } = given;
  const added: string[] = [];
  const changed: string[] = [];
  const wanted = new Set(probes.map(({ project, name }) => `${project}/${name}`));
  const present = await tx.db.selectFrom("probe_state").selectAll().orderBy("project_id").orderBy("name").execute();
  const rows = new Map(present.map((row) => [`${row.project_id}/${row.name}`, row]));
  for (const probe of probes) {
    const id = `${probe.project}/${probe.name}`;
    const before = rows.get(id);
    const values = {
      place,
      kind: probe.kind,
      target: targetOf("probe", probe),
      settings: probe.shown,
      every_ms: probe.every,
      timeout_ms: probe.timeout,
      failures_needed: probe.failures,
      critical_bypass: probe.critical_bypass ? 1 : 0,
    };
    const isEqual = before && Object.entries(values).every(([name, value]) => Reflect.get(before, name) === value);
    if (isEqual && !probe.isOther) continue;
    // What it is told as stays what it is; a probe that looks elsewhere begins anew.
    const isSame = before?.kind === values.kind && before.settings === values.settings && !probe.isOther;
    const dueAt = now + chance(rng, Math.min(probe.every, SPREAD_MS));
    if (!before) {
      added.push(id);
      await tx.db
        .insertInto("probe_state")
        .values({ project_id: probe.project, name: probe.name, ...values, ...BLANK, since: now, due_at: dueAt })
        .execute();
    } else {
      changed.push(id);
      await tx.db
        .updateTable("probe_state")
        .set({ ...values, ...(isSame ? {} : { failures: 0 }), due_at: dueAt, leased_until: 0, fence: before.fence + 1 })
        .where("project_id", "=", probe.project)
        .where("name", "=", probe.name)
        .execute();
    }
  }
  const alive = await tx.db
    .selectFrom("node")
    .select("place")
    .where("heard_at", ">=", now - DEAD_MS)
    .execute();
  const places = new Set(alive.map((node) => node.place));
  const gone = present.filter(
    (row) => !wanted.has(`${row.project_id}/${row.name}`) && (row.place === place || !places.has(row.place)),
  );
  for (const row of gone)
    await tx.db
      .deleteFrom("probe_state")
      .where("project_id", "=", row.project_id)
      .where("name", "=", row.name)
      .execute();
  return { added, changed, removed: gone.map((row) => `${row.project_id}/${row.name}`) };
}

/** What is watched, by the name that triggers and remedies give it. */
export const targetOf = (
  watch: "probe" | "heartbeat",
  { name, target }: { readonly name: string; readonly target: string | null },
): string => target ?? `${watch}:${name}`;

const BLANK = {
  status: "unknown",
  category: "not_looked",
  detail: "Nobody has looked yet.",
  measured: "{}",
  failures: 0,
  checked_at: null,
  leased_until: 0,
  node_id: "",
  fence: 0,
  strip: "",
  strip_at: 0,
  changes: "[]",
  told: "{}",
} as const;

/** Evenly between nothing and `most`. */
export function chance(rng: Rng, most: number): number {
  const [a = 0, b = 0, c = 0] = rng.bytes(3);
  return Math.floor(((a * 65_536 + b * 256 + c) / 16_777_216) * most);
}
