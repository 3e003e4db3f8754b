import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { call } from "../api/client.ts";
import { projectsQuery, tokensQuery } from "../api/queries.ts";
import { CopyBlock } from "../parts/copy-block.tsx";
import { Field } from "../parts/field.tsx";
import { Ago } from "../parts/time.tsx";
import { useTry } from "../parts/use-try.ts";
import { EndButton, OwnRow } from "./own-row.tsx";

const EFFECTS = [
  ["read", "read"],
  ["propose", "report"],
  ["decide", "decide"],
  ["act", "act on programs, and delete"],
] as const;
type Effect = (typeof EFFECTS)[number][0];

export function Tokens() {
  const client = useQueryClient();
  const query = useQuery(tokensQuery);
  const { busy, problem, run } = useTry();
  const [secret, setSecret] = useState<string | null>(null);
  const refresh = () => client.invalidateQueries({ queryKey: ["tokens"] });
  const revoke = (id: string) =>
    run(async () => {
      await call("DELETE /v1/tokens/:id", { id });
      await refresh();
    });
  const tokens = query.data?.tokens ?? [];
  return (
    <section aria-labelledby="tokens">
      <h2 id="tokens" className="font-semibold">
        Personal tokens
      </h2>
      <p className="mt-1 max-w-160 text-quiet">
        A script with a token is you, for what the token may. Set it as <code>PRUNELLA_TOKEN</code> with{" "}
        <code>prunella --url</code>, or send it as <code>Authorization: Bearer</code>.
      </p>
      {tokens.length > 0 && (
        <ul className="mt-3 border-t border-line">
          {tokens.map((token) => (
            <OwnRow
              key={token.id}
              title={token.title}
              end={
                <EndButton
                  word="Revoke"
                  label={`Revoke the token ${token.title}`}
                  isBusy={busy}
                  onPress={() => revoke(token.id)}
                />
              }
            >
              may {token.effects.join(", ")} in {token.project ?? "all projects"};{" "}
              {token.used_at === null ? "not used yet" : "used "}
              {token.used_at !== null && <Ago at={token.used_at} />}; ends{" "}
              {token.expires_at === null ? "never" : <Ago at={token.expires_at} />}
            </OwnRow>
          ))}
        </ul>
      )}
      {secret !== null && (
        <div className="mt-3 max-w-160">
          <p className="mb-2">Copy the token now; it is not shown again.</p>
          <CopyBlock text={secret} label="the new token" />
        </div>
      )}
      <NewToken
        busy={busy}
        onMake={(given) =>
          run(async () => {
            setSecret((await call("POST /v1/tokens", given)).secret);
            await refresh();
          })
        }
      />
      <div role="alert" className="mt-1 min-h-5 text-sm text-bad">
        {problem}
      </div>
    </section>
  );
}

type Given = { title: string; effects: Effect[]; days: number | null; project?: string };

function NewToken({ busy, onMake }: { busy: boolean; onMake: (given: Given) => void }) {
  const projects = useQuery(projectsQuery).data?.projects ?? [];
  const [title, setTitle] = useState("");
  const [effects, setEffects] = useState<readonly Effect[]>(["read"]);
  const [project, setProject] = useState("");
  const [days, setDays] = useState("90");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onMake({
      title: title.trim(),
      effects: [...effects],
      days: days === "" ? null : Number(days),
      ...(project === "" ? {} : { project }),
    });
    setTitle("");
  };
  const toggle = (effect: Effect) =>
    setEffects(effects.includes(effect) ? effects.filter((each) => each !== effect) : [...effects, effect]);
  return (
    <form onSubmit={submit} className="mt-3 flex max-w-160 flex-wrap items-end gap-3">
      <Field
        label="What a new token is for"
        value={title}
        placeholder="CI of the shop"
        maxLength={80}
        autoComplete="off"
        onChange={({ target }) => setTitle(target.value)}
      />
      <label className="flex flex-col gap-1 text-sm">
        Project
        <select className="field" value={project} onChange={({ target }) => setProject(target.value)}>
          <option value="">all</option>
          {projects.map((each) => (
            <option key={each.id}>{each.id}</option>
          ))}
        </select>
      </label>
      <label className="flex flex-col gap-1 text-sm">
        Lasts
        <select className="field" value={days} onChange={({ target }) => setDays(target.value)}>
          <option value="7">7 days</option>
          <option value="90">90 days</option>
          <option value="365">a year</option>
          <option value="">until revoked</option>
        </select>
      </label>
      <fieldset className="flex basis-full flex-wrap gap-x-4 gap-y-1">
        <legend className="mb-1 text-sm">It may</legend>
        {EFFECTS.map(([effect, words]) => (
          <label key={effect} className="flex min-h-8 items-center gap-2">
            <input type="checkbox" checked={effects.includes(effect)} onChange={() => toggle(effect)} />
            {words}
          </label>
        ))}
      </fieldset>
      <button type="submit" className="button" disabled={busy || title.trim() === "" || effects.length === 0}>
        Make the token
      </button>
    </form>
  );
}
