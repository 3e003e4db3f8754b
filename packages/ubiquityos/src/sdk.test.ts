import { generateKeyPairSync } from "node:crypto";
import { createPlugin } from "@ubiquity-os/plugin-sdk";
import { compressString, decompressString } from "@ubiquity-os/plugin-sdk/compression";
import { PluginInput, verifySignature } from "@ubiquity-os/plugin-sdk/signature";
import fc from "fast-check";
import { expect, test } from "vitest";
import { sendTo, type DispatchHands } from "./dispatch/dispatch.ts";
import { compress, decodeDispatch, decompress, encodeDispatch } from "./dispatch/inputs.ts";
import { readManifest } from "./manifest.ts";
import type { ReadyPlugin } from "./route.ts";

/** The dialect's own kit is the judge: what we send it takes, what it sends we take. */
const keys = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const publicPem = keys.publicKey.export({ type: "spki", format: "pem" }).toString();
const privatePem = keys.privateKey.export({ type: "pkcs8", format: "pem" }).toString();

const dispatch = {
  stateId: "7f1c",
  eventName: "issue_comment.created" as const,
  payload: { comment: { body: "/hello Grüße 👋" }, repository: { name: "shop" } },
  settings: { greeting: "hi" },
  authToken: "made-up-token",
  ubiquityKernelToken: "a.b.c",
  ref: "http://127.0.0.1:1/",
  command: null,
};

const manifestText = JSON.stringify({
  name: "greeter",
  short_name: "acme/greeter@main",
  commands: { hello: { description: "Says hello.", "ubiquity:example": "/hello" } },
  "ubiquity:listeners": ["issue_comment.created"],
});

function worker(handler: (payload: unknown) => Record<string, unknown>) {
  return createPlugin(({ payload }) => Promise.resolve(handler(payload)), JSON.parse(manifestText), {
    kernelPublicKey: publicPem,
    postCommentOnError: false,
  });
}

function ready(url: string): ReadyPlugin {
  const read = readManifest(manifestText);
  if (!read.ok) throw new Error("The manifest is whole.");
  const settings = { with: {}, runsOn: [], skipBotEvents: undefined };
  return { id: url, plugin: { type: "http", id: url, url }, settings, manifest: read.manifest };
}

function handsTo(app: ReturnType<typeof worker>, alter: (body: string) => string = (body) => body): DispatchHands {
  return {
    async post(_url, body, headers) {
      const answer = await app.request("/", {
        method: "POST",
        headers,
        body: alter(body),
      });
      return { status: answer.status, text: await answer.text() };
    },
    startWorkflow: () => Promise.reject(new Error("No workflow here.")),
    sleep: () => Promise.resolve(),
  };
}

test("a plugin built on the kit takes what we dispatch, and we take its answer", async () => {
  const seen: unknown[] = [];
  const app = worker((payload) => {
    seen.push(payload);
    return { said: "hello" };
  });
  const sent = await sendTo(ready(dispatch.ref), dispatch, keys.privateKey, handsTo(app), AbortSignal.timeout(5_000));
  expect(sent).toEqual({ ok: true, output: { said: "hello" }, runUrl: null, retryCount: 0 });
  expect(seen).toEqual([dispatch.payload]);
});

test("the kit refuses an altered body, and the failure keeps the status and the answer", async () => {
  const app = worker(() => ({}));
  const alter = (body: string) => body.replace("made-up-token", "another-token");
  const sent = await sendTo(
    ready(dispatch.ref),
    dispatch,
    keys.privateKey,
    handsTo(app, alter),
    AbortSignal.timeout(5_000),
  );
  expect(sent).toMatchObject({
    ok: false,
    failure: {
      category: "http",
      status: 400,
      message: "HTTP 400: Invalid signature",
      responseSnippet: "Invalid signature",
    },
  });
});

test("what the kit signs we take, and not after a change of any of its keys", async () => {
  const { stateId, eventName, payload, settings, authToken, ref, command, ubiquityKernelToken } = dispatch;
  const input = new PluginInput(
    privatePem,
    stateId,
    eventName,
    JSON.parse(JSON.stringify(payload)),
    settings,
    authToken,
    ref,
    command,
    ubiquityKernelToken,
  );
  const inputs = await input.getInputs();
  expect(decodeDispatch(inputs, keys.publicKey)).toMatchObject({ ok: true, dispatch: { ...dispatch } });
  for (const key of [
    "stateId",
    "eventName",
    "eventPayload",
    "settings",
    "authToken",
    "ubiquityKernelToken",
    "ref",
    "command",
  ] as const) {
    const altered = { ...inputs, [key]: `${inputs[key]}x` };
    expect(decodeDispatch(altered, keys.publicKey), key).toEqual({
      ok: false,
      status: 400,
      message: "Invalid signature",
    });
  }
  expect(decodeDispatch({ ...inputs, signature: 1 }, keys.publicKey)).toEqual({
    ok: false,
    status: 400,
    message: "Invalid body",
  });
});

test("both sides sign the same text, with a kernel token and without", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        stateId: fc.string(),
        payload: fc.dictionary(fc.string(), fc.jsonValue()),
        settings: fc.dictionary(fc.string(), fc.jsonValue()),
        authToken: fc.string(),
        ubiquityKernelToken: fc.option(fc.string(), { nil: undefined }),
        ref: fc.string(),
      }),
      async (given) => {
        const { signature, ...inputs } = encodeDispatch({ ...dispatch, ...given }, keys.privateKey);
        expect(await verifySignature(publicPem, inputs, signature)).toBe(true);
      },
    ),
    { numRuns: 40 },
  );
});

test("payloads are packed as the kit packs them", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      expect(decompress(compressString(text))).toBe(text);
      expect(decompressString(compress(text))).toBe(text);
    }),
    { numRuns: 40 },
  );
  expect(decompress("no brotli")).toBeNull();
});
