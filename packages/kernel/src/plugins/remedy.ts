import { z } from "zod";
import { Args } from "@prunella/contract";
import { covers } from "@prunella/contract/plugins";
import type { Barred, Remedy } from "../gate/remedy.ts";
import type { Engine } from "../store/engine.ts";
import { rows } from "../store/rows.ts";
import type { InvocationRow } from "./row.ts";
import { grantCommand, PLUGIN_CALL, resourcesOf } from "./trust.ts";

/** What a permit of a plugin's call pins, beside its target. */
export const CallArgs = z.strictObject({
  invocation: z.string(),
  plugin: z.string(),
  artifact: z.string(),
  method: z.string(),
  scope: z.string(),
  /** For people: after the scrubber, and without a query. */
  resource: z.string(),
  /** What of the grant covers it. */
  covered_by: z.string(),
  arguments_sha256: z.string(),
  /** The arguments for people, after the scrubber. */
  preview: z.string(),
});
export type CallArgs = z.infer<typeof CallArgs>;

/** What a person confirms before a command runs. */
export const ConfirmArgs = z.strictObject({
  invocation: z.string(),
  plugin: z.string(),
  artifact: z.string(),
  command: z.string(),
  risk: z.string(),
  arguments_sha256: z.string(),
  preview: z.string(),
});
export type ConfirmArgs = z.infer<typeof ConfirmArgs>;

interface Bar {
  readonly name: string;
  readonly current: string;
  readonly disabled: number | null;
  readonly resources: string | null;
  readonly expires_at: number | null;
}

/**
 * An effect that a plugin asks for: to the gate one remedy like any other, whose subject is a grant. The broker
 * carries it out with the permit; here it is only said what stands against it, in the unit that decides.
 */
export const createPluginCall = (): Remedy => ({
  name: PLUGIN_CALL,
  targetKinds: ["plugin"],
  args: Args,
  asksNobody: true,
  readsRowsAlone: true,
  bars: async (db, { projectId, args }, now) => {
    const call = CallArgs.safeParse(args);
    if (call.success) return barOf(db, projectId, call.data, now);
    const confirm = ConfirmArgs.safeParse(args);
    return confirm.success
      ? barOfArtifact(await standingOf(db, projectId, { ...confirm.data, scope: "" }), confirm.data.artifact)
      : { refusal: "not_granted", detail: "It is no call of a plugin." };
  },
  observe: async (_project, _target, args) =>
    CallArgs.safeParse(args).success || ConfirmArgs.safeParse(args).success
      ? { isReachable: true, isHealthy: false, staysDown: false, args: {} }
      : null,
  /** As long as the invocation within which it was asked for goes on. */
  async underWay(db, args) {
    const call = CallArgs.safeParse(args);
    if (!call.success) return null;
    const [invocation] = await rows<Pick<InvocationRow, "deadline">>(
      db,
    )`select deadline from plugin_invocation where invocation_id = ${call.data.invocation} and ended_at is null`;
    return invocation?.deadline ?? null;
  },
  act: null,
  verify: async () => "inconclusive",
  mayTouchHealthy: false,
  symptoms: [],
  choices: [
    {
      name: "allow_once",
      effect: "act",
      label: "Allow it once",
      promise: "Exactly this is done, with these arguments, and nothing else.",
      done: "was allowed once",
    },
    { name: "refuse", effect: "leave", label: "Refuse", promise: "Nothing of it is done.", done: "was refused" },
  ],
  defaultChoice: "refuse",
  leave: async () => undefined,
  words: {
    verb: "make a call of",
    done: "made",
    name: (target) => target,
    question: (target) => `${target} asks for leave to do what stands below. May it, this once?`,
    missing: () => "Only a plugin that runs can ask for this.",
    healthy: () => "There is nothing to do.",
    reach: "Run a command of the plugin.",
    settings: {},
  },
});

async function standingOf(
  db: Engine["reader"],
  projectId: string,
  call: Pick<CallArgs, "plugin" | "artifact" | "scope">,
): Promise<Bar | null> {
  const [row] = await rows<Bar>(db)`
    select p.name, p.digest as current, d.since as disabled, t.resources, t.expires_at
    from plugin p left join plugin_disabled d on d.name = p.name and d.origin = p.origin
      left join plugin_trust t on t.project_id = ${projectId} and t.plugin_id = p.plugin_id and t.digest = ${call.artifact} and t.scope = ${call.scope}
    where p.plugin_id = ${call.plugin}`;
  return row ?? null;
}

function barOfArtifact(row: Bar | null, artifact: string): Barred | null {
  if (!row) return { refusal: "not_granted", detail: "The plugin is not installed any more." };
  if (row.disabled !== null) return { refusal: "plugin_disabled", detail: `${row.name} is disabled.` };
  return row.current === artifact
    ? null
    : { refusal: "artifact_changed", detail: `Another version of ${row.name} is installed since this one began.` };
}

async function barOf(db: Engine["reader"], projectId: string, call: CallArgs, now: number): Promise<Barred | null> {
  const row = await standingOf(db, projectId, call);
  const barred = barOfArtifact(row, call.artifact);
  if (row === null || barred !== null) return barred;
  const isOver = row.expires_at !== null && row.expires_at <= now;
  if (
    row.resources === null ||
    isOver ||
    !covers(call.scope, resourcesOf({ resources: row.resources }), call.covered_by)
  )
    return {
      refusal: "not_granted",
      detail: `${row.name} is not trusted with ${call.scope}${isOver ? " any more" : ""}: ${grantCommand(row.name, projectId, call.scope, call.resource)}`,
    };
  return null;
}
