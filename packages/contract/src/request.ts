/** One call of the operator API as it goes over the wire; the path has its query. */
export interface WireRequest {
  readonly method: string;
  readonly path: string;
  /** JSON text, or null where there is none. */
  readonly body: string | null;
}

/**
 * Builds a request from a route, such as `GET /v1/faults/:id`, and one flat input: what the path names
 * goes there; the rest goes into the body of a POST, and into the query of all others. Needs no schema,
 * so that pages can build requests without loading any.
 */
export function requestOf(route: string, input: object): WireRequest {
  const [method = "", template = ""] = route.split(" ");
  // What goes into paths and queries is text or a number; a body is whatever JSON can say.
  const rest: Record<string, string | number | undefined> = { ...input };
  const path = template.replace(/:(\w+)/g, (_, name: string) => {
    const value = String(rest[name]);
    delete rest[name];
    return encodeURIComponent(value);
  });
  if (method === "POST") return { method, path, body: JSON.stringify(rest) };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(rest)) if (value !== undefined) query.set(name, String(value));
  return { method, path: query.size === 0 ? path : `${path}?${query.toString()}`, body: null };
}
