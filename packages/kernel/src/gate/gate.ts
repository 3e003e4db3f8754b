import type { Told } from "../nodes/notices.ts";
import type { Engine, Tx } from "../store/engine.ts";
import type { Writer } from "../store/writer.ts";
import type { Args } from "@prunella/contract";
import { argsToDo, lookedFor } from "./args.ts";
import { firstRefusal } from "./checks.ts";
import { readFacts, type Facts } from "./facts.ts";
import { judge, meantBy, peersOf, type Asked, type JudgeDeps } from "./judge.ts";
import { asksNobody } from "./refusal.ts";
import type { Remedies, Remedy } from "./remedy.ts";
import type { Evidence, Request } from "./request.ts";
import type { Verdict } from "./verdict.ts";

export interface GateDeps extends JudgeDeps {
  readonly engine: Engine;
  readonly writer: Writer;
  readonly publish: (notice: Told) => void;
}

/** What would be answered, of which nothing may be kept. */
export interface Suppose {
  /** What a remedy sees that looks beyond the database; outside of any unit. */
  look(this: void, request: Request): Promise<Evidence | null>;
  /** null: look first. */
  judge(this: void, tx: Tx, request: Request, evidence: Evidence | null): Promise<Verdict | null>;
}

export interface Gate {
  /**
   * judge; where the remedy looks beyond the database: judge → screen → evidence → judge. `within` runs in the
   * unit that holds the verdict. Nobody else makes permits.
   */
  ask(request: Request, within?: (tx: Tx, verdict: Verdict) => Promise<void> | void): Promise<Verdict>;
  /** What the checks would look at now; for people who want to know why. */
  facts(request: Request): Promise<Facts>;
  /** What would be done, as a permit would pin it, whether or not it would be permitted; null: there is no such thing. */
  wouldDo(request: Request): Promise<{ readonly facts: Facts; readonly args: Args | null }>;
  /** What is judged of a request whose target is taken to be ill, in a unit that whoever calls takes back. */
  suppose: Suppose;
}

export function createGate(deps: GateDeps): Gate {
  const { engine, writer, clock } = deps;

  const judgeAll = writer.gathered((tx, asked: readonly Asked[]) => judge(tx, asked, deps));

  async function screen(request: Request, remedies = deps.remedies): Promise<Facts> {
    const policy = await deps.policyOf(engine.reader, request);
    const meant = await meantBy(engine.reader, request, policy, { ...deps, remedies });
    return readFacts(engine.reader, { now: clock.now(), request, ...meant, evidence: null }, deps.calendar);
  }

  /** What the remedy sees, where it looks beyond the database; nothing where the answer is known without. */
  async function look(request: Request, remedies = deps.remedies): Promise<Evidence | null> {
    const facts = await screen(request, remedies);
    const { remedy } = facts;
    const refused = firstRefusal(facts);
    if (!remedy || (refused && asksNobody(refused))) return null;
    const observation = await remedy.observe(request.projectId, request.target, lookedFor(facts), engine.reader);
    const peers = await peersOf(facts, remedy, engine.reader, deps);
    return { observedAt: clock.now(), observation, peers };
  }

  return {
    async ask(request, within) {
      let verdict = await judgeAll({ request, evidence: null, within });
      // A refusal too needs to know what it leaves behind: a target that is well asks nobody.
      while (verdict === null) verdict = await judgeAll({ request, evidence: await look(request), within });
      announce(deps.publish, request, verdict);
      return verdict;
    },
    facts: (request) => screen(request),
    async wouldDo(request) {
      const facts = await screen(request);
      const { projectId, target } = request;
      const seen = await facts.remedy?.observe(projectId, target, lookedFor(facts), engine.reader);
      return { facts, args: seen ? argsToDo(facts, seen) : null };
    },
    suppose: {
      look: (request) => look(request, asIll(deps.remedies, request.target)),
      async judge(tx, request, evidence) {
        const remedies = asIll(deps.remedies, request.target);
        const [verdict = null] = await judge(tx, [{ request, evidence, within: undefined }], { ...deps, remedies });
        return verdict;
      },
    },
  };
}

/** Remedies to which one target does not look well; all the rest is as it is. */
function asIll(remedies: Remedies, target: string): Remedies {
  return new Map(
    [...remedies].map(([name, remedy]) => [
      name,
      {
        ...remedy,
        async observe(projectId, of, args, db) {
          const seen = await remedy.observe(projectId, of, args, db);
          return seen === null || of !== target ? seen : { ...seen, isHealthy: false };
        },
      } satisfies Remedy,
    ]),
  );
}

function announce(publish: GateDeps["publish"], request: Request, verdict: Verdict): void {
  publish({ topic: "attempts", id: verdict.attemptId, version: 1, about: request.target });
  if (verdict.kind === "refused" && verdict.escalationId !== null)
    publish({ topic: "escalations", id: verdict.escalationId, version: 1, about: request.target });
  if (request.faultId !== null) publish({ topic: "faults", id: request.faultId, version: 0 });
  publish({ topic: "ledger", id: "head", version: 0 });
}
