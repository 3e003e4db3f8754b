import type { FaultUsers } from "@prunella/contract";
import { z } from "zod";
import type { Engine } from "../store/engine.ts";
import type { Tables } from "../store/tables.ts";
import { memberIds } from "./merge.ts";

/** As SDKs name a user; what of it is personal was taken out before it was kept. */
const User = z.looseObject({
  id: z.union([z.string(), z.number()]).optional(),
  username: z.string().optional(),
  email: z.string().optional(),
});
const NAME_MAX = 200;

/** Whom the kept bodies name. Of events whose bodies are gone nobody can tell. */
export async function usersOf(db: Engine["reader"], fault: Tables["fault"]): Promise<FaultUsers> {
  const rows = await db
    .selectFrom("event_sample")
    .select(["event_id", "received_at", "body"])
    .where("project_id", "=", fault.project_id)
    .where("fault_id", "in", await memberIds(db, fault))
    .orderBy("received_at", "desc")
    .orderBy("event_id")
    .execute();
  const bodies = new Map(rows.map((row) => [row.event_id, row]));
  const users = new Map<string, { events: number; last_seen: number }>();
  let naming = 0;
  for (const { body, received_at } of bodies.values()) {
    const user = userOf(Body.parse(JSON.parse(body)).context["user"]);
    if (user === null) continue;
    naming += 1;
    const known = users.get(user);
    if (known) known.events += 1;
    else users.set(user, { events: 1, last_seen: received_at });
  }
  return {
    bodies: bodies.size,
    naming,
    users: [...users].map(([user, said]) => ({ user, ...said })).toSorted((a, b) => b.last_seen - a.last_seen),
  };
}

const Body = z.object({ context: z.record(z.string(), z.unknown()) });

function userOf(given: unknown): string | null {
  const user = User.safeParse(given).data;
  const name = user?.id ?? user?.username ?? user?.email;
  return name === undefined || name === "" ? null : String(name).slice(0, NAME_MAX);
}
