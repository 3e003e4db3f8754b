export { createCalendar } from "./calendar.ts";
export { createFixHands } from "./fix-hands.ts";
export { systemClock } from "./clock.ts";
export { openTileFolder } from "./tiles.ts";
export { openPostgres } from "./postgres.ts";
export { systemRng } from "./rng.ts";
export type { OnQuery } from "./on-query.ts";
export { openSqlite } from "./sqlite.ts";
export { withVariable } from "./processes.ts";
