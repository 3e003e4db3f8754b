import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTcp, type Socket } from "node:net";
import { expect, it } from "vitest";
import { field, list, startPrunella } from "../../packages/cli/src/cli-fixture.ts";
import { openMailServer } from "../../packages/server/src/notify/smtp-fixture.ts";
import { openServer } from "./server-fixture.ts";

const portOf = (server: { address(): unknown }): number => Number(field(server.address(), "port"));

it("that a receiver never answers holds no other message up", async () => {
  const silent = new Set<Socket>();
  // It takes the connection and never says a word.
  const stuck = createTcp((socket) => void silent.add(socket.on("error", () => undefined)));
  stuck.listen(0, "127.0.0.1");
  await once(stuck, "listening");
  let arrived = 0;
  const hook = createServer((request, response) => {
    request.resume().on("end", () => {
      arrived += 1;
      response.writeHead(204).end();
    });
  });
  hook.listen(0, "127.0.0.1");
  await once(hook, "listening");
  const mail = { kind: "email", host: "127.0.0.1", tls: "none", from: "a@b.example", to: ["c@b.example"] };
  const names = ["one", "two", "three"];
  await using fixture = await openServer({
    notify: {
      channels: [
        ...names.map((name) => ({ ...mail, name, port: portOf(stuck) })),
        { name: "hook", kind: "webhook", url: `http://127.0.0.1:${portOf(hook)}/` },
      ],
    },
  });
  await fixture.api("/test-event", {
    method: "POST",
    body: "{}",
    headers: { "content-type": "application/json" },
  });
  await expect.poll(() => [arrived, silent.size], { timeout: 20_000 }).toEqual([1, names.length]);
  const waiting = await fixture.server.kernel.notify.deliveries({ limit: 10 });
  expect(
    waiting
      .filter(({ state }) => state === "waiting")
      .map(({ channel }) => channel)
      .toSorted(),
  ).toEqual(names.toSorted());
  for (const socket of silent) socket.destroy();
  stuck.close();
  hook.close();
});

it(
  "that was written down when its server was killed goes out once after the next start",
  { timeout: 90_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "prunella-killed-"));
    const data = join(folder, "data");
    let isOpen = false;
    await using mail = await openMailServer({
      // Until it is open it has no time for anybody.
      onConnect: (_session, callback) =>
        callback(isOpen ? null : Object.assign(new Error("come again later"), { responseCode: 421 })),
    });
    writeFileSync(
      join(folder, "prunella.yaml"),
      `notify:\n  channels:\n    - { name: mail, kind: email, host: 127.0.0.1, port: ${mail.port}, tls: none, from: a@b.example, to: [c@b.example] }\n`,
    );
    const start = async () => {
      const up = startPrunella(["up", "--data", data, "--port", "0", "--no-demo", "--json"], { cwd: folder });
      await up.until(/"url"/);
      return up;
    };
    const call = async (path: string, init: RequestInit = {}): Promise<unknown> => {
      const { url, token }: { url: string; token: string } = JSON.parse(
        readFileSync(join(data, "server.json"), "utf8"),
      );
      const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
      return (await fetch(`${url}/v1${path}`, { ...init, headers })).json();
    };
    const states = async () =>
      list(await call("/messages"), "messages").map((one) =>
        ["kind", "state", "tries"].map((name) => field(one, name)),
      );
    const first = await start();
    await call("/test-event", { method: "POST", body: "{}" });
    // Once in vain; what is left of it is a row.
    await expect.poll(states, { timeout: 20_000, interval: 20 }).toEqual([["fault_new", "waiting", 1]]);
    first.signal("SIGKILL");
    await first.gone;
    expect(mail.mails).toEqual([]);
    isOpen = true;
    const second = await start();
    await expect.poll(states, { timeout: 60_000 }).toEqual([["fault_new", "sent", 2]]);
    expect(mail.mails).toHaveLength(1);
    second.signal("SIGTERM");
    await second.ended;
    expect(mail.mails).toHaveLength(1);
    rmSync(folder, { recursive: true, force: true });
  },
);
