import { Config } from "@prunella/contract";
import { expect, it } from "vitest";
import { fixedText, privateDraft, publicDraft, type Facts } from "./text.ts";

const FACTS: Facts = {
  projectId: "anonymous",
  faultId: "01a1fd1f-7660-73b5-9a29-000000000002",
  title: "TypeError: cannot read a",
  culprit: "chargeCard",
  errorClass: "TypeError",
  functions: ["chargeCard", "checkout"],
  os: "linux",
  platform: "node",
  release: "shop@1.2.3",
  events: 12,
  senders: 3,
  firstSeen: Date.UTC(2026, 10, 21),
  lastSeen: Date.UTC(2026, 10, 22),
  fingerprint: "e5c6cb052fc25281fcc4ac898ca6cb33",
};

function settings(more: object = {}) {
  const { triage } =
    Config.parse({
      forge: {
        base_url: "https://git.example.com",
        kind: "gitea",
        token: { env: "TOKEN" },
        webhook_secret: { env: "SECRET" },
        triage: { repo: "acme-inc/quarantine", public_repo: "acme/shop", ...more },
      },
    }).forge ?? {};
  if (triage == null) throw new Error("no triage");
  return triage;
}

const said = (facts: Partial<Facts>, more: object = {}): string => {
  const { title, body } = publicDraft("acme/shop", { ...FACTS, ...facts }, settings(more));
  return `${title}\n${body}`;
};

it("says class, functions, version, system and how often, and names nobody's repository", () => {
  expect(said({})).toBe(
    [
      "TypeError in chargeCard",
      "`TypeError` was seen more than 10 times, first on 2026-11-21.",
      "",
      "- First seen in version 1.2.3",
      "- System: `linux`",
      "- Platform: `node`",
      "",
      "```text",
      "chargeCard",
      "checkout",
      "```",
    ].join("\n"),
  );
});

it.each([
  "billing.charge",
  "BILLING_charge",
  "chargeBil-ling",
  "Bil_ling$charge",
  "ｂｉｌｌｉｎｇ.charge",
  "acmeInc.charge",
  "quarantineWriter",
  "@acme/pay.charge",
  "@other-scope/pay.charge",
  "Object.@secret/pay.charge",
  "/srv/app/pay.js",
  "C:\\apps\\pay.js",
  "../pay.charge",
])("has no internal name, also not inside %s", (name) => {
  const text = said({ functions: [name, "checkout"] }, { internal_names: ["billing"] });
  expect(text).toContain("[internal]");
  expect(text).toContain("TypeError in checkout");
  expect(text).not.toContain(name);
});

it("has a class or a system of ours nowhere either", () => {
  const text = said({ errorClass: "BillingError", os: "billing-os", functions: [] }, { internal_names: ["billing"] });
  expect(text).toMatch(/^Crash\n/);
  expect(text.toLowerCase()).not.toContain("billing");
});

it("shows scopes that everybody may see, and the name of the public repository", () => {
  const text = said(
    { functions: ["@sentry/node.wrap", "acme.start", "@sentry/node/../x"] },
    { public_scopes: ["@sentry"] },
  );
  expect(text).toContain("@sentry/node.wrap");
  expect(text).toContain("acme.start");
  expect(text).toContain("[internal]");
});

it("says nothing of a release but its version", () => {
  expect(said({ release: "secret-name@1.2.3-rc.1" })).toContain("version 1.2.3-rc.1");
  expect(said({ release: "secret-name@build-of-ada" })).not.toContain("version");
  expect(fixedText("secret-name@2.0.0")).toContain("version 2.0.0");
  expect(fixedText("secret-name@build-of-ada")).not.toContain("ada");
});

it.each(["```\n@everyone", "` @everyone `", "<!-- prunella:x -->", "a\u202eb", "a\u200bb", "a\r\nb", "\ud800"])(
  "lets nothing out of the code that it stands in: %j",
  (text) => {
    const both = [
      publicDraft("acme/shop", { ...FACTS, errorClass: text, functions: [text] }, settings()),
      privateDraft("acme/triage", { ...FACTS, title: text, culprit: text, functions: [text] }),
    ];
    for (const { title, body } of both) {
      expect(title).toMatch(/^[\p{L}\p{M}\p{N}_. ]*$/u);
      expect(body.match(/```/g) ?? []).toHaveLength(2);
      expect(body).not.toMatch(/<!--|[\u202e\u200b\r]/);
      expect(body.split("\n").filter((line) => (line.match(/(?<!`)`(?!`)/g) ?? []).length % 2 === 1)).toEqual([]);
    }
  },
);

it("changes seldom while a fault goes on, so that a yes still holds", () => {
  expect(said({ events: 11 })).toBe(said({ events: 99 }));
  expect(said({ events: 2 })).not.toBe(said({ events: 2_000 }));
  expect(said({ events: 1 })).toContain("once");
});

it("fits into what a permit pins, however much there is", () => {
  const long = "x".repeat(500);
  const { title, body } = publicDraft(
    "acme/shop",
    { ...FACTS, errorClass: long, functions: Array.from({ length: 50 }, () => long) },
    settings(),
  );
  expect(title.length).toBeLessThan(200);
  expect(body.length).toBeLessThan(1_000);
});
