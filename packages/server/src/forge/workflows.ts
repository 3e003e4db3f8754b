import type { Github, RepoName } from "@prunella/forge";
import { toWorkflow, type Failure } from "@prunella/ubiquityos";
import { OutsideFailed } from "../plugins/outside/failure.ts";
import type { Workflows } from "../plugins/outside/workflows.ts";
import { createRuns, type Run } from "./runs.ts";
import { runIdOf, workflowHands } from "./start-workflow.ts";

/** What a workflow of a plugin of ours sends back by `repository_dispatch`, as `{ invocation, output }`. */
export const RESULT = "repository_dispatch.prunella-result";

interface Waiting extends Run {
  readonly end: (how: { readonly said: unknown } | { readonly failure: Failure }) => void;
}

export interface ForgeWorkflows extends Workflows {
  /** False: nobody waits for it, or it comes from elsewhere. */
  answer(payload: unknown, from: string | null): Promise<boolean>;
  close(): void;
}

/** Workflows of plugins of ours at GitHub, which alone has them. */
export function createWorkflows(forge: Github, now: () => number): ForgeWorkflows {
  const hands = workflowHands(forge);
  const runs = createRuns<Waiting>({
    forge,
    now,
    onDone: async ({ end }, said) => end({ said }),
    onFailed: async ({ end }, failure) => end({ failure }),
  });

  return {
    async commitOf(repository, ref, signal) {
      const asked = await forge.commitOf(nameOf(repository), ref, signal);
      if (asked.ok) return asked.value;
      const { message, status } = asked.refusal;
      throw new OutsideFailed(`${ref} of ${repository} cannot be looked up: ${message}`, {
        category: "workflow",
        status,
      });
    },
    async start({ invocation, repository, file, ref, commit, inputs, deadline }, signal) {
      const at = { ...nameOf(repository), workflowId: file, ref };
      const sent = await toWorkflow(at, inputs, hands, signal);
      if (!sent.ok) throw failedBy(sent.failure);
      const { promise, resolve: end } = Promise.withResolvers<Parameters<Waiting["end"]>[0]>();
      const url = sent.runUrl;
      const run: Waiting = {
        stateId: invocation,
        ...nameOf(repository),
        runId: runIdOf(url),
        url,
        deadline,
        commit,
        end,
      };
      runs.watch(run);
      return {
        url,
        async ended(waits) {
          const { promise: givenUp, reject } = Promise.withResolvers<never>();
          const giveUp = (): void =>
            reject(waits.reason instanceof Error ? waits.reason : new Error("it was given up"));
          waits.addEventListener("abort", giveUp, { once: true });
          try {
            waits.throwIfAborted();
            const how = await Promise.race([promise, givenUp]);
            if ("failure" in how) throw failedBy(how.failure);
            return how.said ?? null;
          } finally {
            waits.removeEventListener("abort", giveUp);
            runs.leave(run);
          }
        },
      };
    },
    async answer(payload, from) {
      if (typeof payload !== "object" || payload === null || !("invocation" in payload)) return false;
      const { invocation } = payload;
      const output = "output" in payload ? payload.output : null;
      return typeof invocation === "string" && runs.answer(invocation, from, output);
    },
    close: runs.close,
  };
}

const failedBy = ({ category, message, status, responseSnippet, retryCount }: Failure): OutsideFailed =>
  new OutsideFailed(message, {
    category: category === "kernel" ? "dispatch" : category,
    status,
    snippet: responseSnippet,
    retryCount,
  });

function nameOf(repository: string): RepoName {
  const [owner = "", repo = ""] = repository.split("/");
  return { owner, repo };
}
