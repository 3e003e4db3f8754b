/**
 * What the operator API under `/v1` speaks; CLI, supervisors and console use these and nothing else.
 * All times are epoch milliseconds, all text is scrubbed, all names are snake_case.
 */
import { ABOUT } from "./about.ts";
import { ACCESS } from "./access.ts";
import { ACCOUNT } from "./account.ts";
import { APPROVALS } from "./approvals.ts";
import { CRASHES } from "./crashes.ts";
import { ENVELOPES } from "./envelopes.ts";
import { FAULTS } from "./faults.ts";
import { FINDING } from "./finding.ts";
import { HEALING } from "./healing.ts";
import { LEDGER } from "./ledger.ts";
import { MESSAGES } from "./messages.ts";
import type { Operation } from "./operation.ts";
import { PEOPLE } from "./people.ts";
import { PLUGINS } from "./plugins.ts";
import { PROJECT_SETTINGS } from "./project-settings.ts";
import { PROJECTS } from "./projects.ts";
import { REHEARSING } from "./rehearsing.ts";
import { RELEASES } from "./releases.ts";
import { RULES } from "./rules.ts";
import { SOURCE_MAPS } from "./source-maps.ts";
import { STANDING } from "./standing.ts";
import { SUPERVISED } from "./supervised.ts";
import { TOKENS } from "./tokens.ts";
import { TRIAGE } from "./triage.ts";
import { WATCHING } from "./watching.ts";

export * from "./about.ts";
export * from "./access.ts";
export * from "./account.ts";
export * from "./approvals.ts";
export * from "./crashes.ts";
export * from "./envelopes.ts";
export * from "./faults.ts";
export * from "./finding.ts";
export * from "./healing.ts";
export * from "./ledger.ts";
export * from "./messages.ts";
export * from "./operation.ts";
export * from "./people.ts";
export * from "./plugins.ts";
export * from "./project-settings.ts";
export * from "./projects.ts";
export * from "./rehearsing.ts";
export * from "./releases.ts";
export * from "./rules.ts";
export * from "./source-maps.ts";
export * from "./standing.ts";
export * from "./supervised.ts";
export * from "./tokens.ts";
export * from "./triage.ts";
export * from "./watching.ts";

/** Every operation by its id, which is its name in clients and in the OpenAPI document. */
export const OPERATIONS = {
  ...ACCESS,
  ...ACCOUNT,
  ...ABOUT,
  ...PEOPLE,
  ...TOKENS,
  ...PROJECTS,
  ...PROJECT_SETTINGS,
  ...FAULTS,
  ...TRIAGE,
  ...RELEASES,
  ...FINDING,
  ...RULES,
  ...SOURCE_MAPS,
  ...HEALING,
  ...MESSAGES,
  ...ENVELOPES,
  ...STANDING,
  ...APPROVALS,
  ...REHEARSING,
  ...LEDGER,
  ...SUPERVISED,
  ...WATCHING,
  ...PLUGINS,
  ...CRASHES,
} satisfies Readonly<Record<string, Operation>>;

export type Operations = typeof OPERATIONS;
export type OperationId = keyof Operations;

type RouteOf<O extends Operation> = `${O["method"]} ${O["path"]}`;
/** An operation by method and path, for callers that have no table at run time: `GET /v1/faults/:id`. */
export type Route = RouteOf<Operations[OperationId]>;
export type OperationAt<R extends Route> = {
  [K in OperationId]: RouteOf<Operations[K]> extends R ? Operations[K] : never;
}[OperationId];
