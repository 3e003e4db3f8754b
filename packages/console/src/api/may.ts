import { useQuery } from "@tanstack/react-query";
import type { Role, RoleIn, Route } from "@prunella/contract";
import { meQuery } from "./queries.ts";

/** What only an owner may do; all else that changes something takes an operator. A test holds this against the table. */
const OWNERS = /\/(?:people|erase|delete|keep|keys|retention|trust)(?:\/|$)/;
export const neededFor = (route: Route): Role => (OWNERS.test(route) ? "owner" : "operator");

const RANK: readonly Role[] = ["viewer", "operator", "owner"];

/** Why somebody with these roles may not; null when they may. `project` null: it concerns all of them. */
export function whyNot(roles: readonly RoleIn[], route: Route, project: string | null): string | null {
  const needed = neededFor(route);
  const best = Math.max(
    -1,
    ...roles.filter((each) => each.project === null || each.project === project).map(({ role }) => RANK.indexOf(role)),
  );
  if (best >= RANK.indexOf(needed)) return null;
  const where = project === null ? "in all projects" : `in the project ${project}`;
  return `This takes the role ${needed} ${where}; yours is ${RANK[best] ?? "none"}. An owner gives roles.`;
}

/** Asked before a button is offered, so that nobody presses one to be refused. The server asks again. */
export function useMay(): (route: Route, project: string | null) => string | null {
  const roles = useQuery(meQuery).data?.roles;
  return (route, project) => (roles === undefined ? null : whyNot(roles, route, project));
}
