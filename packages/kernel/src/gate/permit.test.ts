import { PrunellaError } from "@prunella/contract";
import { describe, expect, it } from "vitest";
import { testSigner } from "../ledger/ledger-fixture.ts";
import { vkeyOf } from "../ledger/note.ts";
import * as published from "../index.ts";
import { createRedeemer, createTicketRedeemer, Permit, toTicket, type Redeemed, type Ticket } from "./permit.ts";

const redeemed: Redeemed = {
  permitId: "01a1fd39-1b81-70d8-9e80-1b91f9fa5461",
  attemptId: "01a1fd39-1b81-70d8-9e80-1b91f9fa5462",
  projectId: "default",
  action: "restart",
  target: "program:shop",
  args: { run: "r" },
  fence: 3,
  expiresAt: 1_000,
};
const real = createRedeemer(async () => redeemed);
const invalid = expect.objectContaining({ code: "PRUNELLA_PERMIT_INVALID" });
const read = (fake: unknown) => () => Reflect.apply(Permit.read, Permit, [fake]);

describe("a permit", () => {
  it("comes from a redeemer and says what it allows", async () => {
    expect(Permit.read(await real("p", 1))).toEqual(redeemed);
  });

  it("is used once", async () => {
    const permit = await real("p", 1);
    expect(Permit.use(permit)).toEqual(redeemed);
    expect(() => Permit.use(permit)).toThrow(invalid);
    expect(() => Permit.read(permit)).toThrow(invalid);
  });

  it("cannot be made by whoever calls the class with a guess, or extends it", () => {
    expect(() => Reflect.construct(Permit, [Symbol("redeemed"), redeemed])).toThrow(invalid);
    expect(() => Reflect.construct(Permit, [Symbol.for("redeemed"), redeemed])).toThrow(invalid);
    const Heir = class extends Permit {};
    expect(() => Reflect.construct(Heir, [Symbol("redeemed"), redeemed])).toThrow(invalid);
  });

  it("cannot be borrowed by prototype, by copying, by cloning or through JSON", async () => {
    const permit = await real("p", 1);
    const borrowed = [
      Object.create(Permit.prototype),
      Object.setPrototypeOf({ ...redeemed }, Permit.prototype),
      { ...permit },
      structuredClone({ ...permit }),
      JSON.parse(JSON.stringify(permit)),
      new Proxy(permit, {}),
      null,
    ];
    for (const fake of borrowed) expect(read(fake)).toThrow(invalid);
  });

  it("cannot be widened after the fact, and nobody can swap the way in", async () => {
    const permit = await real("p", 1);
    const said = Permit.read(permit);
    expect(Reflect.set(said, "target", "program:bank")).toBe(false);
    expect(Reflect.set(said.args, "run", "other")).toBe(false);
    expect(Reflect.set(Permit, "read", () => redeemed)).toBe(false);
    expect(Reflect.defineProperty(Permit.prototype, "extra", { value: 1 })).toBe(false);
    expect(Permit.read(permit)).toEqual(redeemed);
  });

  it("has no maker among what the kernel gives out but those that ask the kernel", () => {
    expect(Object.keys(published)).not.toContain("createRedeemer");
    expect("redeem" in Permit).toBe(false);
  });
});

describe("a permit in another process", () => {
  const signer = testSigner();
  const clock = { now: () => 10 };
  const redeemWith = (ticket: Ticket) =>
    createTicketRedeemer({ vkey: async () => vkeyOf(signer), fetchTicket: async () => ticket, clock });
  const ask = (ticket: Ticket) => redeemWith(ticket)(redeemed.permitId, redeemed.fence);
  const good = toTicket(redeemed, signer);

  it("comes from a ticket that the ledger's key signed", async () => {
    expect(Permit.read(await ask(good))).toEqual(redeemed);
  });

  it.each([
    ["whatever a caller makes up", { ...redeemed, signature: "" }],
    ["another key", toTicket(redeemed, testSigner())],
    ["another target", { ...good, target: "program:bank" }],
    ["other arguments", { ...good, args: { run: "other" } }],
    ["a longer life", { ...good, expiresAt: 9_999 }],
    ["another permit, properly signed", toTicket({ ...redeemed, permitId: redeemed.attemptId }, signer)],
    ["another fence, properly signed", toTicket({ ...redeemed, fence: 4 }, signer)],
    ["a time that is over", toTicket({ ...redeemed, expiresAt: 10 }, signer)],
  ])("is refused for %s", async (_, ticket) => {
    await expect(ask(ticket)).rejects.toBeInstanceOf(PrunellaError);
  });

  it("is refused for a ticket that comes a second time", async () => {
    const redeem = redeemWith(good);
    await redeem(redeemed.permitId, redeemed.fence);
    await expect(redeem(redeemed.permitId, redeemed.fence)).rejects.toMatchObject({ code: "PRUNELLA_PERMIT_INVALID" });
  });
});
