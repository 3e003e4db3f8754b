import { testEvent } from "../../http/test-event.ts";
import type { Door } from "../door.ts";

/** For tests: what a mistake of ours, or the worst of bodies, could do to the thread of the doors. */
export type Trouble = "hang" | "hold" | "memory" | "end" | "wait";

const PATH = /^\/trouble\/(hang|hold|memory|end|wait)\/(\d+)\/(\w+)$/;

export const troubleDoor: Door = {
  name: "trouble",
  reasons: new Set(),
  takes: ({ url }) => PATH.test(url),
  open: ({ kernel, now }) => ({
    async receive(arrival) {
      const [, trouble, number = "", key = ""] = PATH.exec(arrival.request.url) ?? [];
      const projectId = await arrival.enter(number, key);
      switch (trouble) {
        case "hang":
          hang();
          break;
        // With the writer's turn, inside a transaction.
        case "hold":
          await kernel.report(projectId, [testEvent(now())], undefined, async () => hang());
          break;
        case "memory":
          fill();
          break;
        case "end":
          process.exit(1);
          break;
        default:
          await new Promise(() => undefined);
      }
      return { status: 200, headers: {}, body: "" };
    },
  }),
};

function hang(): void {
  let isOver = false;
  while (!isOver) isOver = Date.now() < 0;
}

/** In pieces: one larger than what Node adds to a full heap (16 MB) ends the process, not the thread. */
function fill(): void {
  const all: unknown[] = [];
  let isOver = false;
  while (!isOver) isOver = all.push(Array<number>(500_000).fill(0.5)) < 0;
}
