import { expect, it } from "vitest";
import type { Port } from "../../platform/threads.ts";
import { openLine } from "./line.ts";
import { isFromDoors, isToDoors, type FromDoors, type ToDoors } from "./messages.ts";
import { newWhose, openWhose } from "./whose.ts";

it("carries what is said in one turn as one message, in its order", async () => {
  const posted: unknown[] = [];
  const port: Port = { post: (value) => void posted.push(value), onValue: () => undefined };
  const line = openLine<ToDoors, FromDoors>(port, isFromDoors, () => undefined);
  line.say({ kind: "look" });
  line.say({ kind: "flush", id: 1 });
  expect(posted).toEqual([]);
  await new Promise((resolve) => setImmediate(resolve));
  line.say({ kind: "close" });
  line.flush();
  expect(posted).toEqual([[{ kind: "look" }, { kind: "flush", id: 1 }], [{ kind: "close" }]]);
});

it("hears what the other side says, and nothing else", () => {
  let come: (value: unknown) => void = () => undefined;
  const heard: ToDoors[] = [];
  openLine<FromDoors, ToDoors>(
    { post: () => undefined, onValue: (listener) => (come = listener) },
    isToDoors,
    (message) => heard.push(message),
  );
  come([{ kind: "look" }, { kind: "ready" }, null, "look", { kind: "ping", backlog: 3 }]);
  come({ kind: "look" });
  expect(heard).toEqual([{ kind: "look" }, { kind: "ping", backlog: 3 }]);
});

it("remembers whose a request is, until as many others were in hand", () => {
  const whose = openWhose(newWhose());
  whose.note(7, "42");
  expect([whose.of(7), whose.of(8)]).toEqual(["42", null]);
  whose.note(7 + 4_096, "43");
  expect([whose.of(7), whose.of(7 + 4_096)]).toEqual([null, "43"]);
});
