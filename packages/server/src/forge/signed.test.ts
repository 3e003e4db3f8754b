import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { hearFailure } from "@prunella/forge";
import { z } from "zod";
import { readDelivery } from "../ubiquityos/deliver.ts";
import { DELIVERY_HEADERS, isSigned } from "./signed.ts";

const Examples = z.array(z.object({ name: z.string(), examples: z.array(z.record(z.string(), z.unknown())) }));
const examples = Examples.parse(
  JSON.parse(readFileSync(fileURLToPath(import.meta.resolve("@octokit/webhooks-examples")), "utf8")),
).flatMap(({ name, examples: all }) => all.map((payload) => ({ name, payload })));

const SECRET = "It's a Secret to Everybody";
const US = { logins: ["prunella[bot]"] };

describe("a signature", () => {
  it("is GitHub's own published one for its published secret and text", () => {
    const body = Buffer.from("Hello, World!");
    const header = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    expect(isSigned("github", { body, header, secret: SECRET })).toBe(true);
    expect(isSigned("gitea", { body, header: header.slice(7), secret: SECRET })).toBe(true);
    expect(isSigned("gitea", { body, header, secret: SECRET })).toBe(false);
  });

  it.each([undefined, "", "sha256=", "sha256=00", "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"])(
    "is not %s",
    (header) => {
      expect(isSigned("github", { body: Buffer.from("Hello, World!"), header, secret: SECRET })).toBe(false);
    },
  );

  it("is of the bytes as they came, and of no empty secret", () => {
    const body = Buffer.from('{"a":"\\u00e9"}');
    const header = `sha256=${createHmac("sha256", SECRET).update(body).digest("hex")}`;
    expect(isSigned("github", { body, header, secret: SECRET })).toBe(true);
    expect(isSigned("github", { body: Buffer.from('{"a":"é"}'), header, secret: SECRET })).toBe(false);
    const empty = `sha256=${createHmac("sha256", "").update(body).digest("hex")}`;
    expect(isSigned("github", { body, header: empty, secret: "" })).toBe(false);
  });

  it("stands in headers of either host", () => {
    expect(Object.keys(DELIVERY_HEADERS)).toEqual(["github", "gitea"]);
  });
});

describe("the public examples of what GitHub delivers", () => {
  it("are 329, each signed, read and heard without an error", () => {
    expect(examples).toHaveLength(329);
    const failed = examples.flatMap(({ name, payload }) => {
      const body = Buffer.from(JSON.stringify(payload));
      const header = `sha256=${createHmac("sha256", SECRET).update(body).digest("hex")}`;
      expect(isSigned("github", { body, header, secret: SECRET })).toBe(true);
      const told = readDelivery("1", name, body.toString());
      if (told === null) throw new Error(`${name} is not read`);
      const heard = hearFailure(told.delivery.event, told.delivery.payload, US);
      return heard.kind === "failed" ? [heard.run] : [];
    });

    // The one that failed is a job of a workflow, which is told as one.
    expect(failed).toEqual([]);
  });
});
