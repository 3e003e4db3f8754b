import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { PluginAsked, PluginDetail, PluginRow } from "@prunella/contract/plugins";
import { signatureWords } from "@prunella/contract/signature-words";
import { ApiFailure, call } from "../api/client.ts";
import { pluginQuery, pluginsQuery } from "../api/queries.ts";
import { AsCommand, useSpoken } from "../parts/command.tsx";
import { quoted } from "../parts/command-words.ts";
import { Does } from "../parts/does.tsx";
import { Nothing, Problem } from "../parts/problem.tsx";
import { ReasonDialog } from "../parts/reason-dialog.tsx";
import { TriggersHead } from "../parts/section.tsx";
import { Ago, Exact } from "../parts/time.tsx";
import { actorWords } from "../parts/words.ts";
import { useTitle } from "../shell/shell.tsx";
import { toast } from "../shell/toasts.tsx";
import { Runs } from "./runs.tsx";

/** Programs above the core: what each asks for, what a person granted it, what it used and was refused. */
export function PluginsPage() {
  useTitle("Plugins");
  const query = useQuery(pluginsQuery);
  const say = useSpoken();
  return (
    <div className="page pb-12 pt-4">
      <TriggersHead title="Plugins" />
      <p className="mt-2 max-w-160 text-quiet">
        A plugin runs in a sandbox, or outside where it says so, and asks its host for everything. Installing one grants
        nothing: each call is held to what a person granted here.
      </p>
      {query.isError && (
        <Problem
          what="The plugins could not be fetched."
          error={query.error}
          works="What each may do is checked all the same. The terminal shows them too: prunella plugin list"
          onRetry={() => void query.refetch()}
        />
      )}
      {query.data?.plugins.length === 0 && (
        <Nothing title="No plugin yet">
          Make one that runs: <code>{say("prunella plugin init hello")}</code>
        </Nothing>
      )}
      {query.data !== undefined && (
        <ul>
          {query.data.plugins.map((plugin) => (
            <Plugin key={plugin.id} plugin={plugin} project={query.data.project} />
          ))}
        </ul>
      )}
    </div>
  );
}

const STANDING: Readonly<Record<PluginRow["standing"], string>> = {
  ready: "✓ may run",
  waiting: "waits for trust",
  disabled: "disabled",
  shadowed: "disabled: Prunella has a command of its namespace by now",
};

/** What its commands are, in a word. */
const KIND: Readonly<Record<string, string>> = {
  local: "Code in the sandbox",
  http: "A service (http)",
  "github-workflow": "A workflow (github-workflow)",
  "mcp-stdio": "A server of tools (mcp-stdio)",
  program: "A program of others",
};

function Plugin({ plugin, project }: { plugin: PluginRow; project: string }) {
  const query = useQuery(pluginQuery(plugin.id, project));
  const { disabled } = plugin;
  return (
    <li className="mt-5 border-t border-line pt-4">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4">
        <h2 className="font-semibold [overflow-wrap:anywhere]">
          {plugin.name} <span className="text-sm font-normal text-quiet">{plugin.version}</span>
        </h2>
        <span className="text-sm text-quiet">project {project}</span>
      </div>
      <p className="mt-1 [overflow-wrap:anywhere]">
        <span className={plugin.standing === "ready" ? "text-good" : "text-quiet"}>{STANDING[plugin.standing]}</span>:{" "}
        {plugin.description}
      </p>
      {disabled !== null && (
        <p className="mt-1 [overflow-wrap:anywhere]">
          Since <Ago at={disabled.since} />, by {actorWords(disabled.by)}: {disabled.reason}
        </p>
      )}
      {plugin.outside !== null && (
        <p className="mt-1 text-sm [overflow-wrap:anywhere]">
          Runs outside, at <code>{plugin.outside.at}</code>: its code is not held to a digest. Pinned:{" "}
          {plugin.outside.pinned.join(", ")}.
        </p>
      )}
      <p className="mt-1 text-sm text-quiet [overflow-wrap:anywhere]">
        {KIND[plugin.kind] ?? plugin.kind}, from {plugin.origin}; digest <code>{plugin.digest.slice(7, 19)}</code>;{" "}
        {signatureWords(plugin.signature)}.
      </p>
      {query.isError && (
        <Problem
          what="What it may do could not be fetched."
          error={query.error}
          works="It is checked all the same."
          onRetry={() => void query.refetch()}
        />
      )}
      {query.data !== undefined && <Asked detail={query.data} project={project} />}
      <Buttons plugin={plugin} detail={query.data} project={project} />
    </li>
  );
}

/** Requested, granted, used in 30 days, refused. */
function Asked({ detail: { asked, plugin }, project }: { detail: PluginDetail; project: string }) {
  if (asked.length === 0) return <p className="mt-2">It asks for nothing.</p>;
  return (
    <ul aria-label={`What ${plugin.name} asks for`} className="mt-2 border-t border-line">
      {asked.map((one) => (
        <AskedRow key={one.scope} one={one} plugin={plugin} project={project} />
      ))}
    </ul>
  );
}

function AskedRow({ one, plugin, project }: { one: PluginAsked; plugin: PluginRow; project: string }) {
  const [asking, setAsking] = useState(false);
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => call("POST /v1/plugins/:name/revoke", { name: plugin.id, project, scopes: [one.scope] }),
    onSuccess: () => toast(`${plugin.name} may no longer use ${one.scope}.`),
    onError: (error) => toast(error instanceof ApiFailure ? error.message : "It still may.", { bad: true }),
    onSettled: () => client.invalidateQueries({ queryKey: ["plugins"] }),
  });
  return (
    <li className="border-b border-line py-2">
      <div className="flex items-baseline justify-between gap-x-4">
        <p className="min-w-0 [overflow-wrap:anywhere]">
          <code>{one.scope}</code>
          {!one.resources.includes("*") && <span className="text-sm"> of {one.resources.join(", ")}</span>}
          <span className={`text-sm ${one.risk === "destructive" ? "text-bad" : "text-quiet"}`}>
            {" "}
            {one.risk.replace("_", " ")}
            {one.required ? "" : ", optional"}
          </span>
        </p>
        <p className="flex shrink-0 flex-wrap justify-end gap-2 max-md:flex-col">
          {one.missing.length > 0 && (
            <Does
              route="POST /v1/plugins/:name/trust"
              project={project}
              className="button max-md:min-h-11"
              onClick={() => setAsking(true)}
            >
              Grant…
              <span className="sr-only">
                {" "}
                {one.scope} to {plugin.name}
              </span>
            </Does>
          )}
          {one.granted !== null && (
            <Does
              route="POST /v1/plugins/:name/revoke"
              project={project}
              className="button max-md:min-h-11"
              disabled={revoke.isPending}
              onClick={() => revoke.mutate()}
            >
              Revoke
              <span className="sr-only">
                {" "}
                {one.scope} of {plugin.name}
              </span>
            </Does>
          )}
        </p>
      </div>
      <p className="text-sm text-quiet [overflow-wrap:anywhere]">{one.reasons.join(" ")}</p>
      <p className="text-sm [overflow-wrap:anywhere]">
        <Granted one={one} /> In 30 days: used {one.used}, refused {one.refused}
        {one.last_used_at !== null && (
          <>
            , last <Ago at={one.last_used_at} />
          </>
        )}
        .
      </p>
      {asking && <GrantDialog one={one} plugin={plugin} project={project} onClose={() => setAsking(false)} />}
    </li>
  );
}

function Granted({ one: { granted, missing } }: { one: PluginAsked }) {
  if (granted === null) return <>Not granted.</>;
  return (
    <>
      Granted
      {granted.expires_at !== null && (
        <>
          {" "}
          until <Exact at={granted.expires_at} />
        </>
      )}
      {missing.length > 0 && `, but for ${missing.join(", ")}`}
      {granted.reason !== null && ` (“${granted.reason}”)`}.
    </>
  );
}

function GrantDialog({
  one,
  plugin,
  project,
  onClose,
}: {
  one: PluginAsked;
  plugin: PluginRow;
  project: string;
  onClose: () => void;
}) {
  const inputOf = (reason: string) => ({
    name: plugin.id,
    project,
    scopes: [{ scope: one.scope, resources: one.resources }],
    reason,
  });
  const resources = one.resources.includes("*")
    ? ""
    : one.resources.map((each) => ` --resource ${quoted(each)}`).join("");
  return (
    <ReasonDialog
      title={`Grant ${plugin.name} ${one.scope}`}
      verb="Grant it"
      failed="Nothing was granted."
      act={(reason) => call("POST /v1/plugins/:name/trust", inputOf(reason))}
      onDone={() => toast(`${plugin.name} may use ${one.scope}.`)}
      stale="plugins"
      asCommand={(reason) => (
        <AsCommand
          words={[
            "plugin trust",
            plugin.name,
            "--scope",
            `${one.scope}${resources}`,
            "--project",
            project,
            "--reason",
            quoted(reason),
          ].join(" ")}
          route="POST /v1/plugins/:name/trust"
          input={inputOf(reason)}
        />
      )}
      onClose={onClose}
    >
      <p className="[overflow-wrap:anywhere]">
        {one.resources.includes("*") ? "All of it." : `Of ${one.resources.join(", ")} and of nothing else.`}{" "}
        {one.risk === "destructive" && "It is destructive: a person is asked again at each invocation."}
      </p>
      <p className="text-sm text-quiet">
        Until somebody takes it back, in the project {project}, for this version alone: another one has no trust. It
        goes into the ledger with your id.
      </p>
    </ReasonDialog>
  );
}

function Buttons({
  plugin,
  detail,
  project,
}: {
  plugin: PluginRow;
  detail: PluginDetail | undefined;
  project: string;
}) {
  const [asking, setAsking] = useState(false);
  const on = plugin.standing === "disabled";
  const inputOf = (reason: string) => ({ name: plugin.id, project, on, reason });
  const last = detail?.invocations[0];
  return (
    <>
      {last !== undefined && <Runs plugin={plugin.name} invocations={detail?.invocations ?? []} />}
      {plugin.standing !== "shadowed" && (
        <p className="mt-3">
          <Does
            route="POST /v1/plugins/:name/switch"
            project={null}
            className={`button max-md:min-h-11 ${on ? "" : "button-bad"}`}
            onClick={() => setAsking(true)}
          >
            {on ? "Enable…" : "Disable…"}
            <span className="sr-only"> {plugin.name}</span>
          </Does>
        </p>
      )}
      {asking && (
        <ReasonDialog
          title={`${on ? "Enable" : "Disable"} ${plugin.name}`}
          verb={on ? "Enable it" : "Disable it"}
          failed="Nothing was changed."
          act={(reason) => call("POST /v1/plugins/:name/switch", inputOf(reason))}
          onDone={() => toast(`${plugin.name} is ${on ? "enabled" : "disabled"}.`)}
          stale="plugins"
          asCommand={(reason) => (
            <AsCommand
              words={
                on
                  ? `plugin enable ${plugin.name} --reason ${quoted(reason)}`
                  : `plugin disable ${plugin.name} --reason ${quoted(reason)}`
              }
              route="POST /v1/plugins/:name/switch"
              input={inputOf(reason)}
            />
          )}
          onClose={() => setAsking(false)}
        >
          <p className="text-sm text-quiet">
            {on
              ? "It may do what it is trusted with."
              : "Its next call is refused, whatever it is trusted with, also after an update."}
          </p>
        </ReasonDialog>
      )}
    </>
  );
}
