import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { Person, Role } from "@prunella/contract";
import { call } from "../api/client.ts";
import { meQuery, peopleQuery, projectsQuery } from "../api/queries.ts";
import { CopyBlock } from "../parts/copy-block.tsx";
import { Field } from "../parts/field.tsx";
import { Problem } from "../parts/problem.tsx";
import { useTry } from "../parts/use-try.ts";

const ROLES = ["viewer", "operator", "owner"] as const satisfies readonly Role[];
const WORDS: Readonly<Record<Role, string>> = {
  viewer: "viewer: reads",
  operator: "operator: decides and acts",
  owner: "owner: people and deletion too",
};
const roleOf = (text: string): Role => ROLES.find((role) => role === text) ?? "viewer";

/** For owners alone: who may what, and invitations. */
export function People() {
  const me = useQuery(meQuery).data;
  const isOwner = me?.roles.some(({ role }) => role === "owner") === true;
  if (!isOwner) return null;
  return <Owned isOwnerOfAll={me?.roles.some(({ role, project }) => role === "owner" && project === null) === true} />;
}

function Owned({ isOwnerOfAll }: { isOwnerOfAll: boolean }) {
  const client = useQueryClient();
  const query = useQuery(peopleQuery);
  const { busy, problem, run } = useTry();
  const [invited, setInvited] = useState<{ name: string; url: string } | null>(null);
  const [leaving, setLeaving] = useState<string | null>(null);
  const refresh = () => client.invalidateQueries({ queryKey: ["people"] });
  const invite = (person: Person) =>
    run(async () => {
      const { url } = await call("POST /v1/people/:id/invitation", { id: person.id });
      setInvited({ name: person.name, url });
    });
  const remove = (person: Person) =>
    run(async () => {
      await call("DELETE /v1/people/:id", { id: person.id });
      setLeaving(null);
      await refresh();
    });
  const setRole = (person: Person, project: string | null, role: Role | null) =>
    run(async () => {
      await call("POST /v1/people/:id/role", { id: person.id, role, ...(project === null ? {} : { project }) });
      await refresh();
    });
  return (
    <section aria-labelledby="people">
      <h2 id="people" className="font-semibold">
        People
      </h2>
      <p className="mt-1 max-w-160 text-quiet">
        The ledger says who decided what, by an id. A role is in all projects or in one; the higher counts.
      </p>
      {query.isError && (
        <Problem
          what="The people could not be fetched."
          error={query.error}
          works="Whoever is signed in still is."
          onRetry={() => void query.refetch()}
        />
      )}
      <ul className="mt-3 border-t border-line">
        {query.data?.people.map((person) => (
          <li key={person.id} className="border-b border-line py-3">
            <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
              <h3 className="font-semibold [overflow-wrap:anywhere]">{person.name}</h3>
              {person.email !== null && <span className="text-quiet [overflow-wrap:anywhere]">{person.email}</span>}
              {person.state === "invited" && <span className="pill">invited</span>}
              {isOwnerOfAll && (
                <span className="ml-auto flex gap-2">
                  <button
                    type="button"
                    className="button button-small"
                    aria-label={`Invite again: ${person.name}`}
                    disabled={busy}
                    onClick={() => invite(person)}
                  >
                    Invite again
                  </button>
                  {leaving === person.id ? (
                    <button
                      type="button"
                      className="button button-small button-bad"
                      disabled={busy}
                      onClick={() => remove(person)}
                    >
                      Yes, remove {person.name}
                    </button>
                  ) : (
                    <button
                      type="button"
                      className="button button-small"
                      aria-label={`Remove ${person.name}`}
                      disabled={busy}
                      onClick={() => setLeaving(person.id)}
                    >
                      Remove
                    </button>
                  )}
                </span>
              )}
            </div>
            <ul className="mt-1 flex flex-wrap gap-2 text-sm">
              {person.roles.map(({ project, role }) => (
                <li key={project ?? ""} className="flex items-center gap-1">
                  <label className="flex items-center gap-1">
                    <span className="sr-only">Role of {person.name} in </span>
                    {project ?? "all projects"}
                    <select
                      className="field py-0"
                      value={role}
                      disabled={busy || (project === null && !isOwnerOfAll)}
                      onChange={({ target }) =>
                        setRole(person, project, target.value === "" ? null : roleOf(target.value))
                      }
                    >
                      {ROLES.map((each) => (
                        <option key={each}>{each}</option>
                      ))}
                      <option value="">none</option>
                    </select>
                  </label>
                </li>
              ))}
              {person.roles.length === 0 && <li className="text-quiet">no role</li>}
            </ul>
          </li>
        ))}
      </ul>
      {invited !== null && (
        <div className="mt-3 max-w-160">
          <p className="mb-2">
            Give {invited.name} this link; whoever opens it is {invited.name}. It works once, within seven days, and is
            not shown again.
          </p>
          <CopyBlock text={invited.url} label={`invitation of ${invited.name}`} />
        </div>
      )}
      <AddPerson
        isOwnerOfAll={isOwnerOfAll}
        busy={busy}
        onAdd={(given) =>
          run(async () => {
            const { person, url } = await call("POST /v1/people", given);
            setInvited({ name: person.name, url });
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

type Given = { name: string; role: Role; email?: string; project?: string };

function AddPerson({
  isOwnerOfAll,
  busy,
  onAdd,
}: {
  isOwnerOfAll: boolean;
  busy: boolean;
  onAdd: (given: Given) => void;
}) {
  const projects = useQuery(projectsQuery).data?.projects ?? [];
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const [chosen, setProject] = useState("");
  const project = chosen === "" && !isOwnerOfAll ? (projects[0]?.id ?? "") : chosen;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onAdd({
      name: name.trim().toLowerCase(),
      role,
      ...(email.trim() === "" ? {} : { email: email.trim() }),
      ...(project === "" ? {} : { project }),
    });
    setName("");
    setEmail("");
  };
  return (
    <form onSubmit={submit} className="mt-4 flex flex-wrap items-end gap-3">
      <Field
        label="Name of a new person"
        value={name}
        placeholder="ada"
        maxLength={40}
        autoCapitalize="none"
        autoComplete="off"
        spellCheck={false}
        onChange={({ target }) => setName(target.value)}
      />
      <Field
        label="Mail address, if there is one"
        type="email"
        value={email}
        placeholder="ada@example.org"
        maxLength={254}
        autoComplete="off"
        onChange={({ target }) => setEmail(target.value)}
      />
      <label className="flex flex-col gap-1 text-sm">
        Role
        <select className="field" value={role} onChange={({ target }) => setRole(roleOf(target.value))}>
          {ROLES.map((each) => (
            <option key={each} value={each}>
              {WORDS[each]}
            </option>
          ))}
        </select>
      </label>
      <label className="flex flex-col gap-1 text-sm">
        In
        <select className="field" value={project} onChange={({ target }) => setProject(target.value)}>
          {isOwnerOfAll && <option value="">all projects</option>}
          {projects.map((each) => (
            <option key={each.id}>{each.id}</option>
          ))}
        </select>
      </label>
      <button type="submit" className="button" disabled={busy || name.trim() === ""}>
        Add and invite
      </button>
    </form>
  );
}
