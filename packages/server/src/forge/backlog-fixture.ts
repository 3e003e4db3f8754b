import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGithub, createPatientFetch } from "@prunella/forge";
import { createFakehub, type FaultPlan } from "@prunella/forge/fakehub";
import type { Engine } from "@prunella/kernel";
import { openKernel, testClock } from "../../../../test/kernel-fixture.ts";
import { createBacklog } from "./backlog.ts";
import { fileHeld } from "./file-held.ts";
import { waitsAt } from "./filing.ts";
import { backlogOf } from "./shown.ts";

const TOKEN = ["github", "_pat_", "x".repeat(22)].join("");
export const HOUR_MS = 3_600_000;
const PLACE = "github http://fakehub.invalid";

/** A host (a double) that takes so many issues an hour and refuses the others with its second limit. */
export async function openLimited(store: { readonly engine: Engine } & AsyncDisposable, perHour: number) {
  const clock = testClock();
  const hours = new Map<number, number>();
  const faults: FaultPlan = {
    next({ method, path }) {
      if (method !== "post" || !path.endsWith("/issues")) return null;
      const hour = Math.floor(clock.now() / HOUR_MS);
      const made = hours.get(hour) ?? 0;
      if (made >= perHour) return "secondary_limit";
      hours.set(hour, made + 1);
      return null;
    },
  };
  let asked = 0;
  const folder = mkdtempSync(join(tmpdir(), "prunella-backlog-"));
  const hub = createFakehub({ folder, clock, faults });
  const repo = hub.addRepo("acme/shop", {});
  hub.state.tokens.set(TOKEN, {
    login: "prunella",
    repos: new Set(["acme/shop"]),
    permissions: { issues: "write" },
    expiresAt: clock.now() + 1_000 * HOUR_MS,
  });
  const openOne = async () => {
    const kernel = await openKernel(store.engine, clock);
    const patient = createPatientFetch({
      waits: waitsAt(Promise.resolve(kernel), PLACE),
      now: clock.now,
      fetch: (input, init) => {
        asked += 1;
        return hub.fetch(new Request(input, init));
      },
    });
    const forge = createGithub({
      baseUrl: "http://fakehub.invalid",
      credentials: () => ({ token: TOKEN, expiresAt: clock.now() + HOUR_MS }),
      fetch: patient.fetch,
      clock,
    });
    const { filings } = kernel;
    const until = async () => (await filings.waits.until(PLACE))?.until ?? null;
    const backlog = createBacklog({ forge, filings, until, clock, log: { info() {}, warn() {} } });
    return { kernel, forge, backlog };
  };
  let one = await openOne();
  const close = async () => {
    await one.backlog.close();
    await one.kernel.close();
  };
  return {
    clock,
    repo,
    kernel: () => one.kernel,
    asked: () => asked,
    titles: () => repo.issues.map(({ title }) => title),
    wake: () => one.backlog.wake(),
    shown: () =>
      backlogOf(one.kernel.filings, { view: { kind: "github", place: PLACE }, projects: null, now: clock.now() }),
    async file(name: string, faultId: string | null = null) {
      const { filings } = one.kernel;
      const draft = { title: name, body: "x", labels: [] };
      const held = await filings.hold({ projectId: "default", place: "acme/shop", name, faultId, draft });
      if (held.kind === "busy") return null;
      const done = await fileHeld({ forge: one.forge, filings }, held, draft, AbortSignal.timeout(60_000));
      await filings.release({ filingId: held.filing.filing_id, holder: held.holder });
      return done;
    },
    async restart() {
      await close();
      one = await openOne();
    },
    async [Symbol.asyncDispose]() {
      await close();
      rmSync(folder, { recursive: true, force: true });
      await store[Symbol.asyncDispose]();
    },
  };
}
