import { z } from "zod";
import { as } from "../asked.ts";
import type { Asked } from "../forge.ts";
import type { DeliveryLog, ForgeStanding, ListedDelivery } from "../standing.ts";
import type { GithubAsk, OfApp } from "./ask.ts";

const App = z.object({ slug: z.string(), permissions: z.record(z.string(), z.string()) });
const Hook = z.object({ url: z.string().optional() });
const Listed = z.array(z.object({ id: z.int(), guid: z.string(), event: z.string(), delivered_at: z.string() }));
const Delivered = z.object({ request: z.object({ payload: z.record(z.string(), z.unknown()).nullable() }) });

const ROUTE = "GET /app/hook/deliveries";
const PAGE = 100;
/** Pages of one look; more than ten thousand deliveries in three days are read again at the next. */
const MOST_PAGES = 100;

/** An App says what it may; of a person's token GitHub says nothing but whose it is. */
export async function readStanding(asking: GithubAsk, signal: AbortSignal): Promise<Asked<ForgeStanding>> {
  const login = await asking.myLogin(signal);
  if (!login.ok) return login;
  if (!asking.isApp()) return { ok: true, value: { version: null, login: login.value, permissions: null, hook: null } };
  const app = await asking.askAsApp("GET /app", {}, App, signal);
  if (!app.ok) return app;
  const hook = await asking.askAsApp("GET /app/hook/config", {}, Hook, signal);
  const { permissions } = app.value.data;
  return as(hook, ({ data }) => ({ version: null, login: login.value, permissions, hook: data.url ?? null }));
}

/** What GitHub told an App, which it keeps for three days. */
export function createDeliveryLog({ askAsApp }: GithubAsk): DeliveryLog {
  return {
    async list(since, signal) {
      const all: ListedDelivery[] = [];
      let cursor: string | null = null;
      for (let page = 0; page < MOST_PAGES; page += 1) {
        const of: { per_page: number; cursor?: string } = { per_page: PAGE, ...(cursor === null ? {} : { cursor }) };
        const asked: Asked<OfApp<z.infer<typeof Listed>>> = await askAsApp(ROUTE, of, Listed, signal);
        if (!asked.ok) return asked;
        for (const { id, guid, event, delivered_at: at } of asked.value.data)
          all.push({ id, guid, event, at: Date.parse(at) });
        cursor = asked.value.cursor;
        if (cursor === null || (all.at(-1)?.at ?? 0) < since) break;
      }
      return { ok: true, value: all.filter(({ at }) => at >= since) };
    },
    async payload(id, signal) {
      const asked = await askAsApp("GET /app/hook/deliveries/{delivery_id}", { delivery_id: id }, Delivered, signal);
      return as(asked, ({ data }) => JSON.stringify(data.request.payload));
    },
  };
}
