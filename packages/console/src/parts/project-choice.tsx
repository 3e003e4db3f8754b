import { useQuery } from "@tanstack/react-query";
import { projectsQuery } from "../api/queries.ts";

/** Of which project a page shows; nothing where there is but one. undefined: all that one may see. */
export function ProjectChoice({
  project,
  onChoose,
}: {
  project: string | undefined;
  onChoose: (project: string | undefined) => void;
}) {
  const projects = useQuery(projectsQuery).data?.projects ?? [];
  if (projects.length <= 1) return null;
  return (
    <label className="flex items-center gap-2 text-sm">
      <span className="text-quiet">Project</span>
      <select
        className="field py-0.5"
        value={project ?? ""}
        onChange={({ target }) => onChoose(target.value === "" ? undefined : target.value)}
      >
        <option value="">all</option>
        {projects.map(({ id }) => (
          <option key={id} value={id}>
            {id}
          </option>
        ))}
      </select>
    </label>
  );
}
