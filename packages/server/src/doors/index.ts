import { crashDoor } from "./crash/door.ts";
import type { Door } from "./door.ts";
import { heartbeatDoor } from "./heartbeat/door.ts";
import { releasesDoor } from "./releases/door.ts";
import { sentryDoor } from "./sentry/door.ts";

/** Every door of the house, one line each; the first that takes a request has it. Releases last: it has what is left of `/api/`. */
export const DOORS: readonly Door[] = [sentryDoor, crashDoor, heartbeatDoor, releasesDoor];
