/** What may go wrong with a request, as GitHub's documentation has it, and one that no documentation has. */
export const FAULTS = ["primary_limit", "secondary_limit", "server_error", "lost_answer", "gone", "invalid"] as const;
export type Fault = (typeof FAULTS)[number];

export interface FaultPlan {
  /** The next requests whose method and path begin so, in this order, fare so. */
  next(of: { readonly method: string; readonly path: string }): Fault | null;
}

export interface ListedFaults extends FaultPlan {
  /** The next request that matches fails so, once. */
  add(fault: Fault, match: { readonly method: string; readonly path: RegExp }): void;
  readonly left: number;
}

export function createFaults(): ListedFaults {
  const planned: { fault: Fault; method: string; path: RegExp }[] = [];
  return {
    add: (fault, match) => void planned.push({ fault, ...match }),
    next({ method, path }) {
      const at = planned.findIndex((one) => one.method === method && one.path.test(path));
      return at === -1 ? null : (planned.splice(at, 1)[0]?.fault ?? null);
    },
    get left() {
      return planned.length;
    },
  };
}

/** How a fault answers; a lost answer comes after the deed, as a connection that ends. */
export function faultAnswer(fault: Fault, nowMs: number): Response {
  const json = (status: number, message: string, headers: Record<string, string> = {}) =>
    Response.json(
      { message, documentation_url: "http://fakehub.invalid/docs", status: String(status) },
      { status, headers },
    );
  switch (fault) {
    case "primary_limit":
      return json(403, "API rate limit exceeded for this installation.", {
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": String(Math.ceil(nowMs / 1_000) + 90),
      });
    case "secondary_limit":
      return json(403, "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.", {
        "retry-after": "30",
      });
    case "gone":
      return json(410, "This was disabled here.");
    case "invalid":
      return json(422, "Validation Failed");
    default:
      return json(502, "Bad gateway");
  }
}
