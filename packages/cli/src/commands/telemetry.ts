import { PrunellaError } from "@prunella/contract";
import * as client from "../crash-client.ts";
import { environment } from "../environment.ts";
import { asStarted } from "../command-line.ts";
import type { Common } from "../command-options.ts";
import { print, printJson } from "../print.ts";
import { dim, green, plain, yellow } from "../terminal/text.ts";
import { programsOf, situationNow, toTerminal, type WhichProgram } from "./crash.ts";

/** On, off and why, and how many reports wait, for each program. */
export function telemetryStatus(common: Common, which: WhichProgram): void {
  const situation = situationNow(false);
  const { env } = situation;
  const known = programsOf(which);
  const settings = client.readSettings(env);
  const states = known.map((program) => {
    const send = client.mayReport("send", program, situation);
    const keep = client.mayReport("keep", program, situation);
    return {
      app: program.app,
      state: send.allowed ? "on" : "off",
      reason: send.reason,
      keeps_local_reports: keep.allowed,
      endpoint: keep.allowed ? keep.endpoint : null,
      pending: client.pendingReports(client.homeOf(program, env)).length,
    };
  });
  const nobody = client.toProgram({ app: "any" });
  const general = nobody === null ? "no_endpoint" : client.mayReport("send", nobody, situation).reason;
  const overall = {
    state: states.some(({ state }) => state === "on") ? "on" : "off",
    reason: states.find(({ state }) => state === "on")?.reason ?? states[0]?.reason ?? general,
    pending: states.reduce((sum, { pending }) => sum + pending, 0),
    settings: client.settingsFile(env),
    decided: settings === "garbage" ? null : settings.telemetry,
    programs: states,
  };
  if (common.json) return printJson(overall);
  print(
    `Reports are ${overall.state === "on" ? yellow("on") : green("off")}: ${asStarted(common, client.REASONS[overall.reason])}.`,
  );
  print(`${overall.pending} waiting. Settings: ${overall.settings}`);
  for (const { app, state, reason, keeps_local_reports: keeps, endpoint, pending } of states) {
    print(
      `  ${plain(app)}: ${state} (${asStarted(common, client.REASONS[reason])}), ${pending} waiting${endpoint === null ? "" : `, to ${plain(endpoint)}`}${keeps ? "" : ", nothing is written here either"}`,
    );
  }
  print(dim("Prunella itself counts nobody's use and asks nobody about updates. What a report holds: docs/PRIVACY.md"));
}

export interface TelemetryOptions {
  readonly app?: string;
  readonly endpoint?: string;
}

/** Decides for all programs, or for one. */
export function setTelemetry(common: Common, on: boolean, { app, endpoint }: TelemetryOptions): void {
  const env = environment.everything();
  if (endpoint !== undefined && client.toEndpoint(endpoint) === null) {
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: "--endpoint is an http or https address without a name and password in it.",
    });
  }
  const before = client.readSettings(env);
  const off = before === "garbage" ? [] : before.programsOff;
  // "Off" for one leaves the others as they are; "on" for one cannot undo "off" for all in silence.
  if (app !== undefined && client.toProgram({ app }) === null)
    throw new PrunellaError("PRUNELLA_USAGE", { detail: `${plain(app)} is no name of a program.` });
  client.changeSettings(env, {
    ...(app === undefined ? { telemetry: on ? "on" : "off" } : {}),
    programsOff: app === undefined ? off : on ? off.filter((each) => each !== app) : [...new Set([...off, app])],
    ...(endpoint === undefined ? {} : { endpoint }),
  });
  if (on) acceptEndpoints(app === undefined ? {} : { app });
  if (common.json) return telemetryStatus(common, {});
  if (!on)
    return print(
      app === undefined
        ? asStarted(
            common,
            "Off: nothing is sent, and nothing is written about crashes. What is there stays until `prunella crash forget --all`.",
          )
        : `Off for ${app}.`,
    );
  print(
    app === undefined ? "On, where nothing else is against it." : `On for ${app}, where nothing else is against it.`,
  );
  telemetryStatus(common, app === undefined ? {} : { app });
}

/** Shows what was never shown, and takes note of servers that changed: whoever says "on" now sees where it goes. */
function acceptEndpoints(which: WhichProgram): void {
  const situation = situationNow(false);
  for (const program of programsOf(which)) {
    client.discloseOnce(program, situation, toTerminal);
    if (client.mayReport("send", program, situation).reason !== "endpoint_changed") continue;
    const keep = client.mayReport("keep", program, situation);
    const endpoint = keep.allowed && keep.endpoint !== null ? client.toEndpoint(keep.endpoint) : null;
    if (endpoint === null) continue;
    toTerminal(`Reports of ${plain(program.app)} go to ${endpoint} from now on.\n`);
    client.writeWhole(client.sentinelFile(program, situation.env), client.sentinel(endpoint));
  }
}
