import type { Context, Hono } from "hono";
import type { FakeApp, FakeDelivery, FakeState } from "./state.ts";

interface Tools {
  readonly state: FakeState;
  document(name: string, known: unknown): unknown;
  no(context: Context, status: 401 | 403 | 404 | 422, message: string): Response;
  appOf(context: Context): FakeApp | undefined;
}

/** The routes by which an App learns where its hook is, and what was told there. */
export function mountHooks(app: Hono, { state, document, no, appOf }: Tools): void {
  const UNKNOWN = "A JSON web token could not be decoded";

  app.get("/app/hook/config", (context) => {
    const found = appOf(context);
    if (found === undefined) return no(context, 401, UNKNOWN);
    const url = found.hookUrl;
    return context.json(document("webhook-config", { content_type: "json", ...(url === undefined ? {} : { url }) }));
  });

  const facts = ({ id, guid, event, at, payload }: FakeDelivery) => ({
    id,
    guid,
    event,
    action: typeof payload["action"] === "string" ? payload["action"] : null,
    delivered_at: new Date(at).toISOString(),
    redelivery: false,
    duration: 0.1,
    status: "OK",
    status_code: 202,
    installation_id: null,
    repository_id: null,
  });

  app.get("/app/hook/deliveries", (context) => {
    if (appOf(context) === undefined) return no(context, 401, UNKNOWN);
    const size = Number(context.req.query("per_page") ?? 30);
    const from = Number(context.req.query("cursor")?.replace("v1_", "") ?? Number.MAX_SAFE_INTEGER);
    const all = state.deliveries.toReversed().filter(({ id }) => id <= from);
    const next = all[size];
    if (next !== undefined)
      context.header(
        "link",
        `<http://fakehub.invalid/app/hook/deliveries?per_page=${size}&cursor=v1_${next.id}>; rel="next"`,
      );
    return context.json(all.slice(0, size).map((one) => document("hook-delivery-item", facts(one))));
  });

  app.get("/app/hook/deliveries/:id", (context) => {
    if (appOf(context) === undefined) return no(context, 401, UNKNOWN);
    const found = state.deliveries.find(({ id }) => String(id) === context.req.param("id"));
    if (found === undefined) return no(context, 404, "Not Found");
    const { payload } = found;
    const known = { ...facts(found), request: { headers: {}, payload }, response: { headers: {}, payload: "" } };
    return context.json(document("hook-delivery", known));
  });
}
