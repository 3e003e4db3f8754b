import { expect, test } from "vitest";
import { createRememberingFetch } from "./remembering-fetch.ts";

/** A host of which each answer has a tag. */
function begin() {
  const asked: string[] = [];
  const host = { text: "one", status: 200, remaining: 10 };
  const fetch = createRememberingFetch(async (input, init) => {
    const request = new Request(input, init);
    const tag = `"${host.text}"`;
    const given = request.headers.get("if-none-match");
    asked.push(`${request.method} ${given ?? "-"} ${request.headers.get("authorization") ?? "-"}`);
    const headers = { etag: tag, "x-ratelimit-remaining": String(host.remaining) };
    if (host.status !== 200) return new Response("no", { status: host.status });
    return given === tag ? new Response(null, { status: 304, headers }) : new Response(host.text, { headers });
  });
  const ask = async (url = "http://host.invalid/a", init: RequestInit = {}) => {
    const answer = await fetch(url, { headers: { authorization: "token x" }, ...init });
    return `${answer.status} ${await answer.text()} ${answer.headers.get("x-ratelimit-remaining") ?? ""}`;
  };
  return { asked, host, ask };
}

test("asks for what it knows only if it is another, and gives what it knows with the limits of now", async () => {
  const { asked, host, ask } = begin();
  expect(await ask()).toBe("200 one 10");
  host.remaining = 9;
  expect(await ask()).toBe("200 one 9");
  host.text = "two";
  expect(await ask()).toBe("200 two 9");
  expect(asked).toEqual(["GET - token x", 'GET "one" token x', 'GET "one" token x']);
});

test("gives nothing that it knows to whoever may not read it, and forgets it", async () => {
  const { asked, host, ask } = begin();
  await ask();
  host.status = 404;
  expect(await ask()).toBe("404 no ");
  host.status = 200;
  await ask();
  expect(asked.at(-1)).toBe("GET - token x");
});

test("remembers nothing of what changes something, and of no more than 64 addresses", async () => {
  const { asked, ask } = begin();
  await ask("http://host.invalid/a", { method: "POST" });
  for (let at = 0; at <= 64; at += 1) await ask(`http://host.invalid/${at}`);
  await ask("http://host.invalid/0");
  expect(asked.filter((line) => !line.includes(" - "))).toEqual([]);
  await ask("http://host.invalid/64");
  expect(asked.at(-1)).toBe('GET "one" token x');
});
