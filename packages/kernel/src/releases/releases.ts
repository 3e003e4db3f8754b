import { PrunellaError } from "@prunella/contract";
import { scrubLabel } from "@prunella/scrub";
import { z } from "zod";
import type { Core } from "../core.ts";
import type { Engine, Tx } from "../store/engine.ts";

/** A release as build tools announced it. It needs no announcement: it begins with its first event or source map. */
export interface Release {
  readonly project_id: string;
  readonly version: string;
  readonly created_at: number;
  /** As the tool sent it; null until it is finalized. */
  readonly date_released: string | null;
  /** The newest last. */
  readonly deploys: readonly Deploy[];
}

/** Dates are as the tool sent them. */
const Deploy = z.object({
  environment: z.string(),
  name: z.string().nullable(),
  url: z.string().nullable(),
  date_started: z.string().nullable(),
  date_finished: z.string().nullable(),
});
export type Deploy = Readonly<z.infer<typeof Deploy>>;
const Deploys = z.array(Deploy);

interface Named {
  readonly projectId: string;
  readonly version: string;
}

const VERSION_MAX = 200;
/** Of a project; the oldest goes first. */
const RELEASES_MAX = 1_000;
/** Of a release. */
const DEPLOYS_MAX = 20;

/** What build tools announce of releases. Names are kept scrubbed, and looked up as they are kept. */
export const createReleases = ({ db, writer, clock }: Pick<Core, "db" | "writer" | "clock">) => ({
  /** Of every project, or those of one version; the newest first. */
  list: (version?: string): Promise<Release[]> =>
    listReleases(db, version === undefined ? undefined : labelOf(version, VERSION_MAX)),
  /** One that stands already stays as it is. */
  add: (given: Named) => writer.run((tx) => put(tx, { ...given, now: clock.now() })),
  /** Says when it was released; adds it when it is new. */
  finalize: (given: Named & { dateReleased: string }) =>
    writer.run((tx) => put(tx, { ...given, now: clock.now(), dateReleased: labelOf(given.dateReleased, 40) })),
  /** Says where it runs; adds it when it is new. */
  deploy: (given: Named & { deploy: Deploy }) =>
    writer.run((tx) => put(tx, { ...given, now: clock.now(), deploy: cleanDeploy(given.deploy) })),
  remove: ({ projectId, version }: Named): Promise<void> =>
    writer.run(async (tx) => {
      await tx.db
        .deleteFrom("announced_release")
        .where("project_id", "=", projectId)
        .where("version", "=", labelOf(version, VERSION_MAX))
        .execute();
    }),
});

async function listReleases(db: Engine["reader"], version?: string, projectId?: string): Promise<Release[]> {
  let query = db.selectFrom("announced_release").selectAll();
  if (projectId !== undefined) query = query.where("project_id", "=", projectId);
  if (version !== undefined) query = query.where("version", "=", version);
  const rows = await query.orderBy("created_at", "desc").orderBy("project_id").orderBy("version").execute();
  return rows.map(({ deploys, created_at, ...row }) => ({
    ...row,
    created_at: Number(created_at),
    deploys: Deploys.parse(JSON.parse(deploys)),
  }));
}

async function put(
  tx: Tx,
  given: Named & { readonly now: number; readonly dateReleased?: string; readonly deploy?: Deploy },
): Promise<Release> {
  const { projectId, now, dateReleased, deploy } = given;
  const version = labelOf(given.version, VERSION_MAX);
  if (version === "") throw new PrunellaError("PRUNELLA_REQUEST_INVALID", { detail: "The release has no version." });
  const project = await tx.db
    .selectFrom("project")
    .select("project_id")
    .where("project_id", "=", projectId)
    .executeTakeFirst();
  if (!project) throw new PrunellaError("PRUNELLA_NOT_FOUND", { detail: `There is no project ${projectId}.` });
  const [standing] = await listReleases(tx.db, version, projectId);
  const release: Release = {
    project_id: projectId,
    version,
    created_at: standing?.created_at ?? now,
    date_released: dateReleased ?? standing?.date_released ?? null,
    deploys: [...(standing?.deploys ?? []), ...(deploy === undefined ? [] : [deploy])].slice(-DEPLOYS_MAX),
  };
  const row = { ...release, deploys: JSON.stringify(release.deploys) };
  await tx.db
    .insertInto("announced_release")
    .values(row)
    .onConflict((conflict) => conflict.columns(["project_id", "version"]).doUpdateSet(row))
    .execute();
  if (standing === undefined) await dropOldest(tx, release);
  return release;
}

/** The one that was just added stays, whatever the clock says. */
async function dropOldest(tx: Tx, { project_id, version }: Release): Promise<void> {
  const over = await tx.db
    .selectFrom("announced_release")
    .select("version")
    .where("project_id", "=", project_id)
    .where("version", "<>", version)
    .orderBy("created_at", "desc")
    .orderBy("version")
    .offset(RELEASES_MAX - 1)
    .limit(RELEASES_MAX)
    .execute();
  if (over.length === 0) return;
  await tx.db
    .deleteFrom("announced_release")
    .where("project_id", "=", project_id)
    .where(
      "version",
      "in",
      over.map((each) => each.version),
    )
    .execute();
}

const cleanDeploy = ({ environment, name, url, date_started, date_finished }: Deploy): Deploy => ({
  environment: labelOf(environment, 64),
  name: name === null ? null : labelOf(name, 64),
  url: url === null ? null : labelOf(url, 512),
  date_started: date_started === null ? null : labelOf(date_started, 40),
  date_finished: date_finished === null ? null : labelOf(date_finished, 40),
});

const labelOf = (text: string, max: number): string => scrubLabel(text, max).value;
