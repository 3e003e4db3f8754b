import {
  PrunellaError,
  type Probe,
  type ProbeConfig,
  type ProbeDetail,
  type ProbeHands,
  type ProbeState,
} from "@prunella/contract";
import type { Scrubber } from "@prunella/scrub";
import type { Core } from "../core.ts";
import type { Report } from "../intake/report.ts";
import type { Engine } from "../store/engine.ts";
import { configureProbes, type Configured } from "./configure.ts";
import { createScheduler } from "./scheduler.ts";
import { shownSettings } from "./shown-settings.ts";
import { toDetail, toState, type ProbeRow } from "./state.ts";

export interface ProbesDeps extends Pick<
  Core,
  "engine" | "db" | "writer" | "clock" | "rng" | "log" | "newId" | "nodeId" | "publish"
> {
  readonly kinds: ReadonlyMap<string, Probe>;
  readonly hands: ProbeHands | null;
  readonly report: Report;
  readonly scrubText: Scrubber["scrubText"];
  readonly scrubJson: Scrubber["scrubJson"];
  /** Of the data folder whose configuration names them. */
  readonly place: string;
}

/** Active checks: what they are by the configuration, what they found, and one look now. */
export function createProbes(deps: ProbesDeps) {
  const { db, writer, clock, kinds } = deps;
  let inForce: ReadonlyMap<string, unknown> = new Map();
  const scheduler = createScheduler({ ...deps, settingsOf: (id) => inForce.get(id) });
  /** Throws PRUNELLA_CONFIG_INVALID; what it gives makes these the probes of this data folder. */
  function prepare(probes: readonly ProbeConfig[]): () => Promise<Configured> {
    checkProbes(probes, kinds, deps.scrubText);
    return async () => {
      const before = inForce;
      const after = new Map(probes.map(({ project, name, settings }) => [`${project}/${name}`, settings] as const));
      const given = probes.map(({ settings, ...probe }) => {
        const was = before.get(`${probe.project}/${probe.name}`);
        const isOther = was !== undefined && JSON.stringify(was) !== JSON.stringify(settings);
        return { ...probe, shown: JSON.stringify(shownSettings(settings, deps)), isOther };
      });
      // Known before they are written down: a look at one may be due at once.
      inForce = new Map([...before, ...after]);
      const done = await writer
        .run((tx) => configureProbes(tx, { now: clock.now(), place: deps.place, rng: deps.rng, probes: given }))
        .catch((error: unknown) => {
          inForce = before;
          throw error;
        });
      inForce = after;
      scheduler.start();
      deps.publish("probes", "all");
      return done;
    };
  }
  return {
    kinds,
    prepare,
    /** From now on these are the probes of this data folder. Others of the same database stay. */
    configure: async (probes: readonly ProbeConfig[]): Promise<Configured> => prepare(probes)(),
    async list(projects: readonly string[] | null = null): Promise<ProbeState[]> {
      const rows = await db
        .selectFrom("probe_state")
        .selectAll()
        .$if(projects !== null, (query) => query.where("project_id", "in", [...(projects ?? [])]))
        .orderBy("project_id")
        .orderBy("name")
        .limit(MOST_LISTED)
        .execute();
      const now = clock.now();
      return rows.map((row) => toState(row, now));
    },
    async show(projectId: string, name: string): Promise<ProbeDetail> {
      return toDetail(await read(db, projectId, name), clock.now());
    },
    /** Looks now; resolves with what was found when that is written down. */
    async check(projectId: string, name: string): Promise<ProbeDetail> {
      await scheduler.check(await read(db, projectId, name));
      return toDetail(await read(db, projectId, name), clock.now());
    },
    settle: scheduler.settle,
    close: scheduler.close,
  };
}

const MOST_LISTED = 2_000;

async function read(db: Engine["reader"], projectId: string, name: string): Promise<ProbeRow> {
  const row = await db
    .selectFrom("probe_state")
    .selectAll()
    .where("project_id", "=", projectId)
    .where("name", "=", name)
    .executeTakeFirst();
  if (!row) throw new PrunellaError("PRUNELLA_NOT_FOUND", { detail: `${projectId} has no probe ${name}.` });
  return row;
}

/** @throws PRUNELLA_CONFIG_INVALID, naming every mistake. */
export function checkProbes(
  probes: readonly ProbeConfig[],
  kinds: ReadonlyMap<string, Probe>,
  scrubText: Scrubber["scrubText"],
): void {
  const mistakes: string[] = [];
  const met = new Set<string>();
  for (const [at, { project, name, kind, settings }] of probes.entries()) {
    const of = `probes.${at} (${name})`;
    if (met.has(`${project}/${name}`)) mistakes.push(`${of}: another probe of ${project} has this name.`);
    met.add(`${project}/${name}`);
    if (scrubText(name).text.value !== name)
      mistakes.push(`${of}.name: it looks like a secret, so it would be taken out.`);
    const probe = kinds.get(kind);
    if (!probe) {
      mistakes.push(
        `${of}.kind: there is no kind ${kind}; known kinds are ${[...kinds.keys()].toSorted().join(", ")}.`,
      );
      continue;
    }
    const parsed = probe.settings.safeParse(settings);
    for (const issue of parsed.success ? [] : parsed.error.issues)
      mistakes.push(`${of}.settings${issue.path.map((part) => `.${String(part)}`).join("")}: ${issue.message}.`);
  }
  if (mistakes.length > 0) throw new PrunellaError("PRUNELLA_CONFIG_INVALID", { detail: mistakes.join("\n") });
}
