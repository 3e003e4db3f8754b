import type { Fix, FixHands, FixSeen, FixTold } from "@prunella/contract";
import { parseJson } from "@prunella/contract/json";
import { z } from "zod";
import { BASE } from "./base.ts";

const Machine = z.object({
  id: z.string(),
  state: z.string(),
  name: z.string().optional(),
  region: z.string().optional(),
  instance_id: z.string().optional(),
  checks: z.array(z.object({ status: z.string().optional() })).nullish(),
});

/** On its way to another state, or gone for good: restarting would cut into what the provider does. */
const HINDERED: ReadonlySet<string> = new Set(["starting", "replacing", "destroying", "destroyed"]);

/**
 * Restarts one machine that is not started, or whose checks fail, by the Machines API as its publisher
 * describes it (fly.io/docs/machines/api/machines-resource and /machine-states). Unproven against the provider
 * itself: the tests hold it against a double of ours that answers by that description.
 */
export const restartUnhealthyMachine: Fix = {
  name: "restart_unhealthy_machine",
  aliases: ["restart_machine"],
  targetKinds: ["machine"],
  provider: { name: "fly", credential: "env:FLY_API_TOKEN" },

  async look(target, told, hands, signal) {
    const { app, url } = addressOf(target, told);
    const answer = await hands.http({ url, method: "GET", credential: told.credential }, signal);
    if (!answer.ok || answer.status !== 200) return null;
    const parsed = Machine.safeParse(parseJson(answer.body));
    if (!parsed.success) return null;
    const { id, name, state, region, instance_id, checks } = parsed.data;
    const fails = checks?.some(({ status }) => status === "critical") ?? false;
    const seen: FixSeen = {
      isHealthy: state === "started" && !fails,
      state: {
        id,
        state,
        ...(name === undefined ? {} : { name }),
        ...(region === undefined ? {} : { region }),
        ...(instance_id === undefined ? {} : { instance_id }),
      },
      labels: { fly_app: app },
    };
    return HINDERED.has(state) ? { ...seen, hinders: state } : seen;
  },

  async act(target, told, hands, signal) {
    return (await restart(target, told, hands, signal)) === 200;
  },

  words: {
    verb: "restart",
    done: "restarted",
    missing: (target) => `No app that the envelope lists has a machine ${idOf(target)} that the API tells of.`,
    healthy: (target) => `The machine ${idOf(target)} is started and its checks pass.`,
  },
};

async function restart(target: string, told: FixTold, hands: FixHands, signal: AbortSignal): Promise<number> {
  const { url } = addressOf(target, told);
  const answer = await hands.http({ url: `${url}/restart`, method: "POST", credential: told.credential }, signal);
  return answer.ok ? answer.status : 0;
}

/** `machine:<app>/<id>`. */
function addressOf(target: string, { baseUrl }: FixTold): { app: string; url: string } {
  const [, app = "", id = ""] = /^machine:([^/]+)\/(.+)$/.exec(target) ?? [];
  const base = (baseUrl ?? BASE).replace(/\/$/, "");
  return { app, url: `${base}/v1/apps/${encodeURIComponent(app)}/machines/${encodeURIComponent(id)}` };
}

const idOf = (target: string): string => target.slice(target.lastIndexOf("/") + 1);
