import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import type { View } from "@prunella/contract";
import { ApiFailure, call } from "../api/client.ts";
import { useMay } from "../api/may.ts";
import { viewsQuery } from "../api/queries.ts";
import { Does } from "../parts/does.tsx";
import type { InboxSearch } from "../router.tsx";
import { toast } from "../shell/toasts.tsx";

/** Searches that somebody gave a name; everybody of the installation sees them. */
export function Views({ search }: { search: InboxSearch }) {
  const client = useQueryClient();
  const { data } = useQuery(viewsQuery);
  const [name, setName] = useState("");
  const views = data?.views ?? [];
  const why = useMay()("POST /v1/views", null);
  const something = Object.values(search).some((value) => value !== undefined);

  const change = async (run: () => Promise<unknown>, said: string) => {
    try {
      await run();
      toast(said);
    } catch (error) {
      toast(`That was not kept. ${error instanceof ApiFailure ? error.message : ""}`, { bad: true });
    }
    await client.invalidateQueries({ queryKey: ["views"] });
  };
  const save = (event: FormEvent) => {
    event.preventDefault();
    // The Enter key submits a form of one field, whatever its button says.
    if (why !== null) return toast(why, { bad: true });
    void change(() => call("POST /v1/views", { name, filter: search }), `${name} is kept.`).then(() => setName(""));
  };
  return (
    <div className="mt-4 text-sm">
      <h2 className="section-title">Views</h2>
      {views.length > 0 && (
        <ul className="mt-1 flex flex-wrap gap-x-4 gap-y-1">
          {views.map((view) => (
            <li key={view.id} className="flex items-center">
              <Link to="/" search={searchOf(view)} className="link max-w-72 truncate">
                {view.name}
              </Link>
              <Does
                route="DELETE /v1/views/:id"
                project={null}
                aria-label={`Forget the view ${view.name}`}
                className="size-7 rounded text-quiet hover:text-ink aria-disabled:opacity-60"
                onClick={() =>
                  void change(() => call("DELETE /v1/views/:id", { id: view.id }), `${view.name} is forgotten.`)
                }
              >
                ✕
              </Does>
            </li>
          ))}
        </ul>
      )}
      <form className="mt-2 flex flex-wrap items-center gap-2" onSubmit={save}>
        <input
          className="field py-0.5"
          aria-label="Name of the view"
          placeholder="Name"
          maxLength={60}
          value={name}
          onChange={({ target }) => setName(target.value)}
        />
        <Does
          route="POST /v1/views"
          project={null}
          type="submit"
          className="button button-small"
          disabled={name.trim() === "" || !something}
        >
          Keep this search
        </Does>
        {!something && <span className="text-quiet">Search or filter first; then it can have a name.</span>}
      </form>
    </div>
  );
}

/** As it stands in the address: what the Inbox does anyway is left out. */
function searchOf({ filter }: View): InboxSearch {
  const { status, sort, ...rest } = filter;
  return {
    ...rest,
    status: status === "active" ? undefined : status,
    sort: sort === "last_seen" ? undefined : sort,
  };
}
