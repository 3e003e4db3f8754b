import { PrunellaError, type Role } from "@prunella/contract";
import type { Operation, Who } from "@prunella/contract/operations";
import { isAtLeast, projectsWith, roleIn, type Kernel } from "@prunella/kernel";
import type { Caller } from "./auth.ts";

type Input = Readonly<Record<string, unknown>>;

const ROLE: Readonly<Partial<Record<Who, Role>>> = { viewer: "viewer", operator: "operator", owner: "owner" };

/** Before anything of the request is read: what no input could change. */
export function assertMayCall(
  caller: Caller,
  { who, within, effect }: Pick<Operation, "who" | "within" | "effect">,
): void {
  if (who === "token" && caller.kind !== "token")
    throw new PrunellaError("PRUNELLA_SIGN_IN_REQUIRED", {
      detail: "Only the holder of the data folder's token may do this.",
    });
  if (who === "account" && (caller.kind !== "session" || caller.person === null))
    throw new PrunellaError("PRUNELLA_SIGN_IN_REQUIRED", {
      detail: "Only a person with a name may do this, in their own browser.",
    });
  if (caller.kind === "personal" && !caller.token.effects.includes(effect))
    throw new PrunellaError("PRUNELLA_TOKEN_LIMITED", {
      detail: `It may ${caller.token.effects.join(", ")}; this would ${effect}.`,
      hint: `Make another: prunella tokens create --may ${effect}`,
    });
  const needed = ROLE[who];
  if (needed === undefined || isAtLeast(caller.rights.everywhere, needed)) return;
  if (within === "all") throw tooLittle(needed, "in all projects", caller.rights.everywhere);
  if (projectsWith(caller.rights, needed)?.length === 0)
    throw tooLittle(needed, "in some project", caller.rights.everywhere);
}

/**
 * Whether the caller's role is enough where the call happens; the one place that asks. What lies in a project
 * that they have no role in is not there for them.
 * @returns the projects that a list may hold; null: all.
 */
export async function assertMayHere(
  caller: Caller,
  { who, within, effect }: Pick<Operation, "who" | "within" | "effect">,
  input: Input,
  kernel: Pick<Kernel, keyof typeof AREAS>,
): Promise<readonly string[] | null> {
  const needed = ROLE[who];
  if (needed === undefined) return projectsWith(caller.rights, "viewer");
  const isEverywhere = isAtLeast(caller.rights.everywhere, needed);
  if (isEverywhere) return null;
  const sees = projectsWith(caller.rights, needed);
  if (within === "project") {
    const { project } = input;
    if (typeof project === "string") assertRole(caller, needed, project);
    // Without a project a list holds what one may see; anything else would be for all of them.
    else if (effect !== "read") throw tooLittle(needed, "in all projects", caller.rights.everywhere);
    return sees;
  }
  if (within === "all") throw tooLittle(needed, "in all projects", caller.rights.everywhere);
  if (within === "each") return sees;
  // `fault` too: what goes into another fault, by its id.
  for (const id of [input["id"], input["fault"]])
    if (typeof id === "string") assertThere(caller, needed, await PROJECT_OF[within](kernel, id), within);
  return sees;
}

/** Where to ask for the project of a thing. */
const AREAS = {
  faults: 0,
  escalations: 0,
  approvals: 0,
  rules: 0,
  sourceMaps: 0,
  pauses: 0,
  maintenance: 0,
  sprints: 0,
};

const PROJECT_OF = {
  fault: (kernel: Pick<Kernel, "faults">, id: string) => kernel.faults.projectOf(id),
  escalation: (kernel: Pick<Kernel, "escalations">, id: string) => kernel.escalations.projectOf(id),
  approval: (kernel: Pick<Kernel, "approvals">, id: string) => kernel.approvals.projectOf(id),
  pause: (kernel: Pick<Kernel, "pauses">, id: string) => kernel.pauses.projectOf(id),
  sprint: (kernel: Pick<Kernel, "sprints">, id: string) => kernel.sprints.projectOf(id),
  /** Of all projects: then it is of none that somebody could have a role in. */
  maintenance: (kernel: Pick<Kernel, "maintenance">, id: string) => kernel.maintenance.projectOf(id),
  rule: async (kernel: Pick<Kernel, "rules">, id: string) =>
    (await kernel.rules.list()).find((rule) => rule.id === id)?.project_id ?? null,
  source_map: async (kernel: Pick<Kernel, "sourceMaps">, id: string) =>
    (await kernel.sourceMaps.list()).find((map) => map.id === id)?.project_id ?? null,
};

/** Of one of many things that a call names. */
export function assertThere(caller: Caller, needed: Role, project: string | null, what: string): void {
  if (project === null || roleIn(caller.rights, project) === null)
    throw new PrunellaError("PRUNELLA_NOT_FOUND", { detail: `There is no such ${what.replaceAll("_", " ")}.` });
  assertRole(caller, needed, project);
}

function assertRole(caller: Caller, needed: Role, project: string): void {
  const role = roleIn(caller.rights, project);
  if (!isAtLeast(role, needed)) throw tooLittle(needed, `in the project ${project}`, role);
}

function tooLittle(needed: Role, where: string, role: Role | null): PrunellaError {
  return new PrunellaError("PRUNELLA_ROLE_REQUIRED", {
    detail: `It takes the role ${needed} ${where}; yours is ${role ?? "none"}.`,
    hint: "An owner gives roles; `prunella people role --help` says how.",
  });
}

/**
 * That an answer tells somebody of a few projects nothing of another: each list asks for what they may see, and
 * one that forgot to is a defect, which this makes an error instead of a leak.
 */
export function assertSeen(output: unknown, sees: readonly string[] | null): void {
  if (sees === null || typeof output !== "object" || output === null) return;
  if (Array.isArray(output)) {
    for (const each of output) assertSeen(each, sees);
    return;
  }
  for (const [name, value] of Object.entries(output)) {
    if (name === "project_id" && typeof value === "string" && !sees.includes(value))
      throw new Error("an answer holds something of a project that its caller may not see");
    assertSeen(value, sees);
  }
}
