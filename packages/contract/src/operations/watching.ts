import { z } from "zod";
import { ProjectId, Target } from "../ids.ts";
import { WatchName } from "../probe-config.ts";
import { HeartbeatDetail, HeartbeatState, ProbeDetail, ProbeState } from "../watch.ts";
import { Nothing, operation } from "./operation.ts";

const ofProject = z.strictObject({ project: ProjectId.optional() });
const named = z.strictObject({ project: ProjectId, name: WatchName });

export const ProbePage = z.strictObject({ probes: z.array(ProbeState) });
export type ProbePage = z.infer<typeof ProbePage>;
const OneProbe = z.strictObject({ probe: ProbeDetail });

export const HeartbeatPage = z.strictObject({ heartbeats: z.array(HeartbeatState) });
export type HeartbeatPage = z.infer<typeof HeartbeatPage>;
const OneHeartbeat = z.strictObject({ heartbeat: HeartbeatDetail });

/** What is written down about a heartbeat; milliseconds. */
export const HeartbeatGiven = z.strictObject({
  target: Target.nullable().default(null),
  every_ms: z.int().min(1_000).max(31_622_400_000).nullable().default(null),
  cron: z.string().min(1).max(100).nullable().default(null),
  time_zone: z.string().min(1).max(64).default("UTC"),
  grace_ms: z.int().min(0).max(604_800_000).default(60_000),
  max_runtime_ms: z.int().min(1_000).max(604_800_000).nullable().default(null),
});
/** The key is told this once; what is kept is its digest. */
const WithKey = z.strictObject({ heartbeat: HeartbeatDetail, key: z.string(), url: z.string() });

export const WATCHING = {
  list_probes: operation({
    method: "GET",
    path: "/v1/probes",
    query: ofProject,
    output: ProbePage,
    status: 200,
    who: "viewer",
    within: "project",
    effect: "read",
    summary: "every probe with its state, the last day, and when it looks next; at most 2,000",
  }),
  show_probe: operation({
    method: "GET",
    path: "/v1/projects/:project/probes/:name",
    params: named,
    output: OneProbe,
    status: 200,
    who: "viewer",
    within: "project",
    effect: "read",
    summary: "one probe with its settings and its last changes",
  }),
  check_probe: operation({
    method: "POST",
    path: "/v1/projects/:project/probes/:name/check",
    params: named,
    output: OneProbe,
    status: 200,
    who: "operator",
    within: "project",
    effect: "propose",
    summary: "looks now, as if it were due; answers when that is written down",
  }),
  list_heartbeats: operation({
    method: "GET",
    path: "/v1/heartbeats",
    query: ofProject,
    output: HeartbeatPage,
    status: 200,
    who: "viewer",
    within: "project",
    effect: "read",
    summary: "every heartbeat with its state, the last day, and when its silence is a failure; at most 2,000",
  }),
  show_heartbeat: operation({
    method: "GET",
    path: "/v1/projects/:project/heartbeats/:name",
    params: named,
    output: OneHeartbeat,
    status: 200,
    who: "viewer",
    within: "project",
    effect: "read",
    summary: "one heartbeat with what it said last and its last changes",
  }),
  add_heartbeat: operation({
    method: "POST",
    path: "/v1/projects/:project/heartbeats/:name",
    params: named,
    body: HeartbeatGiven,
    output: WithKey,
    status: 201,
    who: "operator",
    within: "project",
    effect: "decide",
    summary: "writes down a heartbeat with `every_ms` or `cron`, and tells its key once",
  }),
  rotate_heartbeat: operation({
    method: "POST",
    path: "/v1/projects/:project/heartbeats/:name/rotate",
    params: named,
    output: WithKey,
    status: 200,
    who: "operator",
    within: "project",
    effect: "decide",
    summary: "another key, told once; the old one ends at once",
  }),
  remove_heartbeat: operation({
    method: "DELETE",
    path: "/v1/projects/:project/heartbeats/:name",
    params: named,
    output: Nothing,
    status: 204,
    who: "operator",
    within: "project",
    effect: "decide",
    summary: "one that a person or an SDK made; one of prunella.yaml goes there",
  }),
};
