/** One call of the operator API as it goes over the wire; the path has its query. */
export interface WireRequest {
  readonly method: string;
  readonly path: string;
  /** JSON text, or null where there is none. */
  readonly body: string | null;
}

/**
 * Builds a request from an operation's method, its path and one flat input: what the path names goes
 * there; the rest goes into the body of a POST, and into the query of all others. Needs no schema, so
 * that pages can build requests without loading any.
 */
export function requestOf(method: string, path: string, input: object): WireRequest {
  const rest = new Map(Object.entries(input).filter(([, value]) => value !== undefined));
  const filled = path.replace(/:([a-z_]+)/g, (_, name: string) => {
    const value = String(rest.get(name));
    rest.delete(name);
    return encodeURIComponent(value);
  });
  if (method === "POST") return { method, path: filled, body: JSON.stringify(Object.fromEntries(rest)) };
  const query = new URLSearchParams([...rest].map(([name, value]) => [name, String(value)])).toString();
  return { method, path: query === "" ? filled : `${filled}?${query}`, body: null };
}
