import { ROLES, type Role, type RoleIn } from "@prunella/contract";
import { sql } from "kysely";
import type { Engine } from "../store/engine.ts";

/** In `person_role`: in every project, and over what belongs to none. */
export const ALL = "*";

/** What somebody may, and where. */
export interface Rights {
  readonly everywhere: Role | null;
  readonly inProjects: ReadonlyMap<string, Role>;
}

/** Of who holds the data folder, and whom a link of it signed in. */
export const EVERYTHING: Rights = { everywhere: "owner", inProjects: new Map() };

export const isAtLeast = (role: Role | null, needed: Role): boolean =>
  role !== null && ROLES.indexOf(role) >= ROLES.indexOf(needed);

/** `project` null: over what belongs to none. A role everywhere counts in each. */
export function roleIn({ everywhere, inProjects }: Rights, project: string | null): Role | null {
  const here = project === null ? null : (inProjects.get(project) ?? null);
  return here !== null && !isAtLeast(everywhere, here) ? here : everywhere;
}

/** The projects in which somebody has at least this role; null: all of them. */
export function projectsWith({ everywhere, inProjects }: Rights, needed: Role): readonly string[] | null {
  if (isAtLeast(everywhere, needed)) return null;
  return [...inProjects].filter(([, role]) => isAtLeast(role, needed)).map(([project]) => project);
}

/** What is left of them in one project. */
export function narrowed(rights: Rights, project: string | null): Rights {
  if (project === null) return rights;
  const role = roleIn(rights, project);
  return { everywhere: null, inProjects: new Map(role === null ? [] : [[project, role]]) };
}

export const toRoles = ({ everywhere, inProjects }: Rights): RoleIn[] => [
  ...(everywhere === null ? [] : [{ project: null, role: everywhere }]),
  ...[...inProjects].map(([project, role]) => ({ project, role })),
];

export async function readRights(db: Engine["reader"], personIds: readonly string[]): Promise<Map<string, Rights>> {
  if (personIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("person_role")
    .selectAll()
    .where("person_id", "in", personIds)
    .orderBy("project_id")
    .execute();
  return new Map(
    personIds.map((id) => {
      const own = rows.filter((row) => row.person_id === id);
      return [
        id,
        {
          everywhere: own.find((row) => row.project_id === ALL)?.role ?? null,
          inProjects: new Map(
            own.filter((row) => row.project_id !== ALL).map((row): [string, Role] => [row.project_id, row.role]),
          ),
        },
      ];
    }),
  );
}

/** How many people own the installation; the last one is not taken away by mistake. */
export async function countOwners(db: Engine["reader"]): Promise<number> {
  const { rows } = await sql<{
    count: number;
  }>`select count(*) as count from person_role join person using (person_id)
    where project_id = ${ALL} and role = 'owner' and state <> 'removed'`.execute(db);
  return Number(rows[0]?.count ?? 0);
}
