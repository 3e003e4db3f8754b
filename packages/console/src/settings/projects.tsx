import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { ApiFailure, call } from "../api/client.ts";
import { projectsQuery } from "../api/queries.ts";
import { CopyBlock } from "../parts/copy-block.tsx";
import { Does } from "../parts/does.tsx";
import { Problem } from "../parts/problem.tsx";
import { Ago } from "../parts/time.tsx";
import { plural } from "../parts/words.ts";
import { toast } from "../shell/toasts.tsx";
import { ProjectMenu } from "./project-menu.tsx";

/** The projects with the addresses that their SDKs send to, and a way to add one. */
export function Projects() {
  const query = useQuery(projectsQuery);
  return (
    <section aria-labelledby="projects">
      <h2 id="projects" className="font-semibold">
        Projects
      </h2>
      <p className="mt-1 max-w-160 text-quiet">
        A project owns its events. Give its DSN to any Sentry SDK; whoever has a DSN can send events, and nothing else.
      </p>
      {query.isError && (
        <Problem
          what="The projects could not be fetched."
          error={query.error}
          works="What comes in is still taken and counted."
          onRetry={() => void query.refetch()}
        />
      )}
      <ul className="mt-3 border-t border-line">
        {query.data?.projects.map((project) => (
          <li key={project.id} className="border-b border-line py-3">
            <div className="flex flex-wrap items-baseline gap-x-3">
              <h3 className="font-semibold [overflow-wrap:anywhere]">{project.title}</h3>
              {project.title !== project.id && <code className="text-quiet">{project.id}</code>}
              <Link to="/" search={{ project: project.id, status: "all" }} className="link ml-auto text-sm">
                {plural(project.fault_count, "fault")}
                <span className="sr-only"> of {project.id}</span>
              </Link>
            </div>
            {project.deletes_at !== null && (
              <p className="mt-1 text-bad">
                It is deleted <Ago at={project.deletes_at} />, with all that it kept. Until then everything goes on.
              </p>
            )}
            <div className="mt-2">
              <CopyBlock text={project.dsn} label={`DSN of ${project.id}`} />
            </div>
            <div className="mt-2">
              <ProjectMenu project={project} />
            </div>
          </li>
        ))}
      </ul>
      <AddProject />
    </section>
  );
}

/** What the server takes as an id. */
const ID = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;

function AddProject() {
  const client = useQueryClient();
  const [id, setId] = useState("");
  const [title, setTitle] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!ID.test(id)) return setProblem("An id is 1 to 40 of a-z, 0-9 and -, such as shop-api.");
    try {
      const body = title.trim() === "" ? { id } : { id, title: title.trim() };
      const { project } = await call("POST /v1/projects", body);
      setProblem(null);
      setId("");
      setTitle("");
      toast(`Project ${project.id} added. Its DSN stands in the list.`);
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error;
      setProblem(`${error.message} ${error.hint ?? ""}`);
    } finally {
      await client.invalidateQueries({ queryKey: ["projects"] });
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)} className="mt-4 flex flex-wrap items-end gap-3">
      <label className="flex min-w-0 flex-1 basis-40 flex-col gap-1 text-sm">
        Id of a new project
        <input
          className="field min-w-0 font-mono"
          value={id}
          placeholder="shop-api"
          maxLength={40}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
          aria-invalid={problem !== null}
          aria-describedby="project-problem"
          onChange={({ target }) => setId(target.value.trim().toLowerCase())}
        />
      </label>
      <label className="flex min-w-0 flex-1 basis-40 flex-col gap-1 text-sm">
        Title, if it is to differ
        <input
          className="field min-w-0"
          value={title}
          placeholder="Shop API"
          maxLength={80}
          autoComplete="off"
          onChange={({ target }) => setTitle(target.value)}
        />
      </label>
      <Does route="POST /v1/projects" project={null} type="submit" className="button" disabled={id === ""}>
        Add project
      </Does>
      <div id="project-problem" role="alert" className="min-h-5 basis-full text-sm text-bad">
        {problem}
      </div>
    </form>
  );
}
