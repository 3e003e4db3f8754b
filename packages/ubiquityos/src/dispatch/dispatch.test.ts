import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { readIdentifier } from "../identifier.ts";
import { UbiquityManifest } from "../manifest.ts";
import type { ReadyPlugin } from "../route.ts";
import { attest, ATTESTATION_SECONDS, readAttestation } from "./attestation.ts";
import { sendTo, type DispatchHands, type WorkflowStart } from "./dispatch.ts";

const keys = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const dispatch = {
  stateId: "s-1",
  eventName: "issues.opened",
  payload: {},
  settings: {},
  authToken: "t",
  ref: "main",
  command: null,
};

function ready(id: string): ReadyPlugin {
  const read = readIdentifier(id);
  if (!read.ok) throw new Error(id);
  const settings = { with: {}, runsOn: [], skipBotEvents: undefined };
  return { id, plugin: read.plugin, settings, manifest: UbiquityManifest.parse({ name: "x" }) };
}

function hands(of: Partial<DispatchHands>): DispatchHands & { slept: number[] } {
  const slept: number[] = [];
  return {
    post: () => Promise.reject(new Error("unreachable")),
    startWorkflow: () => Promise.reject(new Error("no workflow")),
    sleep: (ms) => {
      slept.push(ms);
      return Promise.resolve();
    },
    slept,
    ...of,
  };
}
const send = (id: string, of: DispatchHands, signal = AbortSignal.timeout(5_000)) =>
  sendTo(ready(id), dispatch, keys.privateKey, of, signal);

const notYet: WorkflowStart = { ok: false, status: 404, message: "Not Found", isMissing: false };

test("a workflow that is not indexed yet is asked again every ten seconds, two minutes long", async () => {
  const answers: WorkflowStart[] = [notYet, notYet, { ok: true, runUrl: "https://example.com/run/1" }];
  const late = hands({ startWorkflow: () => Promise.resolve(answers.shift() ?? notYet) });
  expect(await send("acme/x", late)).toEqual({
    ok: true,
    output: null,
    runUrl: "https://example.com/run/1",
    retryCount: 2,
  });
  const never = hands({ startWorkflow: () => Promise.resolve(notYet) });
  expect(await send("acme/x", never)).toMatchObject({
    ok: false,
    failure: { category: "workflow", status: 404, retryCount: 12 },
  });
  expect(never.slept).toEqual(Array.from({ length: 12 }, () => 10_000));
});

test.each([
  [{ ...notYet, isMissing: true, message: 'Workflow "compute.yml" is not on the default branch "main".' }],
  [{ ...notYet, status: 422 }],
  [{ ...notYet, status: 502 }],
])("is not asked again where waiting helps nothing or a run may have begun: %j", async (answer) => {
  const once = hands({ startWorkflow: () => Promise.resolve(answer) });
  expect(await send("acme/x", once)).toMatchObject({
    ok: false,
    failure: { category: "workflow", status: answer.status, message: answer.message, retryCount: 0 },
  });
  expect(once.slept).toEqual([]);
});

test("a worker is asked once, whatever it answers", async () => {
  let asked = 0;
  const worker = hands({
    post: () => {
      asked += 1;
      return Promise.resolve({ status: 502, text: "bad gateway" });
    },
  });
  expect(await send("https://worker.example.com", worker)).toMatchObject({
    ok: false,
    failure: {
      category: "http",
      status: 502,
      message: "HTTP 502: bad gateway",
      responseSnippet: "bad gateway",
      retryCount: 0,
    },
  });
  expect(asked).toBe(1);
});

test.each([
  ["no json", "validation"],
  ['{"stateId":"another","output":{}}', "validation"],
  ["[]", "validation"],
])("an answer of %s is no answer", async (text, category) => {
  const worker = hands({ post: () => Promise.resolve({ status: 200, text }) });
  expect(await send("https://worker.example.com", worker)).toMatchObject({
    ok: false,
    failure: { category, status: 200 },
  });
});

test("a worker that cannot be reached and one that answers too late are told apart", async () => {
  expect(await send("https://worker.example.com", hands({}))).toMatchObject({
    ok: false,
    failure: {
      category: "dispatch",
      message: "unreachable",
      status: null,
      stack: expect.stringContaining("unreachable"),
    },
  });
  const signal = AbortSignal.abort(new Error("Too late."));
  const hung = hands({ post: () => Promise.reject(new Error("Too late.")) });
  expect(await send("https://worker.example.com", hung, signal)).toMatchObject({
    ok: false,
    failure: { category: "timeout" },
  });
});

const attested = {
  issuer: "https://prunella.example.com",
  audience: "https://prunella.example.com",
  owner: "acme",
  repo: "shop",
  installationId: 7,
  authToken: "token-a",
  stateId: "s-1",
  id: "j-1",
};
const expected = { audience: attested.audience, authToken: "token-a" };

test("a proof of dispatch holds an hour, for its token and its audience, with our signature alone", () => {
  const now = Date.UTC(2026, 10, 30);
  const token = attest(attested, now, keys.privateKey);
  const read = (text: string, more = {}, at = now) =>
    readAttestation(text, { ...expected, ...more }, at, keys.publicKey);
  expect(read(token)).toMatchObject({
    ok: true,
    claims: { owner: "acme", repo: "shop", state_id: "s-1", installation_id: 7 },
  });
  expect(read(token, {}, now + ATTESTATION_SECONDS * 1_000)).toEqual({ ok: false, why: "expired" });
  expect(read(token, { authToken: "token-b" })).toEqual({ ok: false, why: "for_another" });
  expect(read(token, { audience: "https://else.example.com" })).toEqual({ ok: false, why: "for_another" });
  const other = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  expect(read(attest(attested, now, other.privateKey))).toEqual({ ok: false, why: "forged" });
  const [, body] = token.split(".");
  const unsigned = `${Buffer.from('{"alg":"none","typ":"JWT"}').toString("base64url")}.${body}.`;
  expect(read(unsigned)).toEqual({ ok: false, why: "malformed" });
  for (const text of ["", "a.b.c", `${token}.x`]) expect(read(text).ok).toBe(false);
});
