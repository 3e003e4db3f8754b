import { compareRows } from "@prunella/kernel";
import { kyselyOver, type Store } from "./store.ts";
import { SECRET } from "./people.ts";
import type { Tiles } from "./tiles.ts";
import type { Actor, World } from "./world.ts";

/** Long enough for what was late, for leases and for processes that are taken for dead; then a day, after which no question is open. */
const PAUSES_MS = [300, 46_000, 1_000, 62_000, 1_500, 91_000, 1_500, 86_400_000, 1_500];

/**
 * Nothing goes wrong any more, nobody decides anything, and time goes on: now everything has to end by
 * itself, and what was answered has to be there. A step that nobody wakes up for is found here.
 */
export async function calmDown(given: {
  readonly world: World;
  readonly store: Store;
  readonly startDead: () => void;
  readonly tiles: Tiles;
  readonly publisher: Actor;
}): Promise<void> {
  const { world, store } = given;
  const { schedule, laws } = world;
  given.startDead();
  // Often one of them goes on alone, and what the others left is its own.
  if (world.chance.is(0.6)) for (const { life } of world.processes().slice(1)) life.end();
  for (const ms of PAUSES_MS) {
    await settle(world);
    schedule.advance(ms);
  }
  await settle(world);
  laws.look();
  const now = schedule.now();
  for (const { kind } of store.read("select kind from work where due_at <= ?", now - 1_000))
    world.violated(`${String(kind)} is due, and nobody does it`);
  for (const queue of ["digest_queue", "search_due"])
    if (store.read(`select 1 from ${queue} limit 1`).length > 0) world.violated(`${queue} waits, and nobody looks`);
  for (const { target } of store.read(
    "select target from escalation_attempts where status = 'open' and expires_at <= ?",
    now - 1_000,
  ))
    world.violated(`the question about ${String(target)} is over, and still open`);
  for (const { target, state } of store.read(
    "select target, state from self_heal_attempts where state in ('permitted', 'running') or verification = 'watching'",
  ))
    world.violated(`an attempt on ${String(target)} is ${String(state)} for ever`);
  for (const { n } of store.read(
    "select count(*) as n from event_sample where instr(body, ?) > 0 having n > 0",
    SECRET,
  ))
    world.violated(`${String(n)} bodies hold what should have been taken out`);
  laws.readAgain();
  await publishAll(given);
}

/** What a torn file left is mended by the next time, and outsiders find nothing. */
async function publishAll({ world, store, tiles, publisher }: Parameters<typeof calmDown>[0]): Promise<void> {
  void publisher.act();
  await settle(world);
  for (const problem of await tiles.problems()) world.violated(`published: ${problem}`);
  const reader = kyselyOver(async (text, values) => store.execute(text, values));
  for (const { what } of await compareRows({ reader, nextTurn: async () => undefined }))
    world.violated(`rows: ${what}`);
}

/** Until nothing is due. */
async function settle({ schedule, laws, violated }: World): Promise<void> {
  for (let turns = 0; turns < 20_000; turns += 1) {
    await schedule.rest();
    laws.look();
    if (!schedule.choose()) return;
  }
  violated("a process is never done");
}
