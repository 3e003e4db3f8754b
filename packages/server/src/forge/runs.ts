import type { Github } from "@prunella/forge";
import type { Failure } from "@prunella/ubiquityos";

/** A workflow that was started and has not said what came of it. */
export interface Run {
  readonly stateId: string;
  readonly owner: string;
  readonly repo: string;
  /** Null where the host did not say which run it became. */
  readonly runId: number | null;
  readonly url: string | null;
  readonly deadline: number;
  /** Of the code that somebody trusted. */
  readonly commit: string;
}

export interface RunsDeps<R extends Run> {
  readonly forge: Pick<Github, "run">;
  readonly now: () => number;
  /** `said`: what it sent back; undefined where it only ended. */
  readonly onDone: (run: R, said: unknown) => Promise<void>;
  readonly onFailed: (run: R, failure: Failure) => Promise<void>;
}

/** The first look comes soon; a run that goes on is asked for ever more seldom, up to once a minute. */
const FIRST_MS = 3_000;
const GROWTH = 1.5;
const LONGEST_MS = 60_000;
const TICK_MS = 1_000;

/** Watches runs until they end, answer, or are overdue. */
export function createRuns<R extends Run>({ forge, now, onDone, onFailed }: RunsDeps<R>) {
  const waiting = new Map<string, R>();
  const looks = new Map<string, { at: number; wait: number }>();
  /** What those sent back that nobody could look at since: it counts when the run is of the trusted commit. */
  const said = new Map<string, unknown>();
  const closing = new AbortController();

  function forget({ stateId }: Run): boolean {
    looks.delete(stateId);
    said.delete(stateId);
    return waiting.delete(stateId);
  }

  async function look(run: R): Promise<void> {
    if (run.runId === null && said.has(run.stateId)) return done(run);
    if (run.runId !== null) {
      const asked = await forge.run(run, run.runId, AbortSignal.any([closing.signal, AbortSignal.timeout(10_000)]));
      if (asked.ok && asked.value.headSha !== run.commit)
        return fail(run, "workflow", `The run is of another commit than the one that is trusted${at(run)}.`);
      if (asked.ok && said.has(run.stateId)) return done(run);
      if (asked.ok && asked.value.status === "completed") return end(run, asked.value.conclusion);
    }
    if (now() >= run.deadline) await fail(run, "timeout", `The run said nothing within its time${at(run)}.`);
  }

  async function end(run: R, conclusion: string | null): Promise<void> {
    if (conclusion === "success" || conclusion === "neutral" || conclusion === "skipped") await done(run);
    else
      await fail(
        run,
        conclusion === "timed_out" ? "timeout" : "workflow",
        `The run ended ${conclusion ?? "unknown"}${at(run)}.`,
      );
  }

  async function done(run: R): Promise<void> {
    const answer = said.get(run.stateId);
    if (forget(run)) await onDone(run, answer);
  }

  async function fail(run: R, category: Failure["category"], message: string): Promise<void> {
    if (!forget(run)) return;
    await onFailed(run, {
      category,
      message,
      status: null,
      stack: null,
      raw: null,
      responseSnippet: null,
      retryCount: 0,
    });
  }

  function isDue(run: R): boolean {
    const before = looks.get(run.stateId) ?? { at: now() + FIRST_MS, wait: FIRST_MS };
    const due = now() >= Math.min(before.at, run.deadline);
    const wait = due ? Math.min(before.wait * GROWTH, LONGEST_MS) : before.wait;
    looks.set(run.stateId, { at: due ? now() + wait : before.at, wait });
    return due;
  }

  const lookAtAll = async () =>
    void (await Promise.all([...waiting.values()].filter(isDue).map((run) => look(run).catch(() => undefined))));
  const timer = setInterval(() => void lookAtAll(), TICK_MS);
  timer.unref();

  return {
    watch: (run: R) => void waiting.set(run.stateId, run),
    /** Nobody waits for it any more. */
    leave: (run: Run) => void forget(run),
    /**
     * What a workflow sent back; believed from the repository that it runs in and from no other, once its run was
     * found to be of the trusted commit.
     */
    async answer(stateId: string, from: string | null, answer?: unknown): Promise<boolean> {
      const run = waiting.get(stateId);
      if (run === undefined || from?.toLowerCase() !== `${run.owner}/${run.repo}`.toLowerCase()) return false;
      if (!said.has(stateId)) said.set(stateId, answer);
      // Where the host cannot be asked now, the next look does it.
      await look(run).catch(() => undefined);
      return true;
    },
    close() {
      clearInterval(timer);
      closing.abort();
    },
  };
}

const at = ({ url }: Run) => (url === null ? "" : ` (${url})`);
