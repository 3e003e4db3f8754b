import { createPublicKey, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { Config, RestartPolicy } from "@prunella/contract";
import { createIds, createKernel, migrate, SYSTEM, type Clock, type Kernel, type Signer } from "@prunella/kernel";
import { createCalendar } from "../platform/calendar.ts";
import { openSqlite } from "../platform/sqlite.ts";

/** For tests: the real clock, a real kernel on a SQLite file of its own. */
export const testClock: Clock = {
  now: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

export const testRng = { bytes: (size: number) => new Uint8Array(randomBytes(size)) };

const { privateKey } = generateKeyPairSync("ed25519");
/** A throw-away key for the ledger and for tickets. */
export const testSigner: Signer = {
  name: "prunella.test/ledger",
  publicKey: Buffer.from(createPublicKey(privateKey).export({ format: "jwk" }).x ?? "", "base64url"),
  sign: (bytes) => sign(null, bytes, privateKey),
};

export async function openKernel(): Promise<{ kernel: Kernel; folder: string; data: string } & AsyncDisposable> {
  const folder = mkdtempSync(join(tmpdir(), "prunella-supervisor-"));
  const engine = openSqlite(join(folder, "prunella.db"));
  await migrate(engine);
  const log = { info: () => undefined, warn: () => undefined };
  const kernel = await createKernel({
    engine,
    clock: testClock,
    calendar: createCalendar(),
    rng: testRng,
    log,
    newId: createIds(testClock, testRng),
    limits: Config.parse({}).limits,
    retention: Config.parse({}).retention,
    freeDisk: () => null,
    place: folder,
    signer: testSigner,
  });
  await kernel.projects.add({ id: "default", by: SYSTEM });
  kernel.begin();
  return {
    kernel,
    folder,
    data: join(folder, "data"),
    async [Symbol.asyncDispose]() {
      await kernel.close();
      await engine.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const quickPolicy = (max: number): RestartPolicy =>
  RestartPolicy.parse({ budget: { max, window_ms: 600_000 }, backoff: { base_ms: 10, max_ms: 20 }, verify_ms: 50 });

export function collect(): Writable & { bytes(): Buffer; text(): string } {
  const chunks: Buffer[] = [];
  const writable = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  return Object.assign(writable, { bytes: () => Buffer.concat(chunks), text: () => Buffer.concat(chunks).toString() });
}
