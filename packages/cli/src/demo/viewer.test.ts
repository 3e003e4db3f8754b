import { expect, onTestFinished, test } from "vitest";
import { openViewer } from "./viewer.ts";

const message = {
  v: 1,
  id: "escalation_opened.0190",
  kind: "escalation_opened",
  project: "default",
  level: "error",
  fault: null,
  thread: null,
  revision: 0,
  state: "open",
  title: "shop stays down\u001b[2J\nsecond line",
  sections: [],
  question: null,
  links: [],
};

async function opened() {
  const lines: string[] = [];
  const viewer = await openViewer((line) => void lines.push(line));
  onTestFinished(() => viewer.close());
  const post = async (url: string, body: string) => (await fetch(url, { method: "POST", body })).status;
  return { lines, post, url: viewer.url };
}

test("a message is one line that says whose viewer it is, and nothing in it moves the terminal", async () => {
  const { lines, post, url } = await opened();
  expect(await post(url, JSON.stringify(message))).toBe(204);
  expect(lines).toEqual(["the demo's own message viewer: shop stays down [2J second line"]);
});

test("whoever does not know its address, or sends what is no message, puts no line on the terminal", async () => {
  const { lines, post, url } = await opened();
  expect(await post(new URL("/", url).href, JSON.stringify(message))).toBe(404);
  expect((await fetch(url)).status).toBe(404);
  expect(await post(url, "{}")).toBe(400);
  expect(await post(url, "x".repeat(300_000)).catch(() => 400)).toBe(400);
  expect(lines).toEqual([]);
});
