import { OPERATOR } from "@prunella/kernel";
import { expect, it } from "vitest";
import { createEnvelopeMaker } from "../../bench/envelope.ts";
import { openServer } from "./server-fixture.ts";

it("me is whoever says it: what one takes on and what one looks for needs no name", async () => {
  await using fixture = await openServer();
  const { server, key, api } = fixture;
  const sent = await fetch(`${server.url}/api/1/envelope/?sentry_key=${key}`, {
    method: "POST",
    body: Uint8Array.from(createEnvelopeMaker(1).make("0123456789abcdef0123456789abcdef", Date.now())),
  });
  expect(sent.status).toBe(200);
  const { faults } = await expect
    .poll(() => server.kernel.faults.list({ status: "all", limit: 1 }))
    .toMatchObject({ total: 1 })
    .then(() => server.kernel.faults.list({ status: "all", limit: 1 }));
  const id = faults[0]?.id ?? "";
  const tokenOf = async (name: string) => {
    const { person } = await server.kernel.access.addPerson({
      name,
      email: null,
      role: "operator",
      project: null,
      by: OPERATOR,
    });
    const { secret } = await server.kernel.access.createToken({
      personId: person.id,
      title: "t",
      effects: ["read", "decide"],
      project: null,
      expiresAt: null,
    });
    return { authorization: `Bearer ${secret}` };
  };
  const [mia, ada] = [await tokenOf("Mia"), await tokenOf("Ada")];
  const found = async (headers: Record<string, string>): Promise<unknown> =>
    (await api("/faults?q=assignee:me&status=all", { headers })).json();
  const assigned = await api(`/faults/${id}/assign`, {
    method: "POST",
    headers: { ...mia, "content-type": "application/json" },
    body: JSON.stringify({ assignee: "me" }),
  });
  expect(await assigned.json()).toMatchObject({ fault: { assignee: "Mia" } });
  expect(await found(mia)).toMatchObject({ total: 1, faults: [{ id }] });
  expect(await found(ada)).toMatchObject({ total: 0 });
  expect(await (await api("/search-suggestions?q=assignee:m&limit=5", { headers: ada })).json()).toMatchObject({
    suggestions: [{ text: "assignee:me" }, { text: "assignee:Mia" }],
  });
});
