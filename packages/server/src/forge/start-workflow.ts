import { setTimeout as sleep } from "node:timers/promises";
import type { Github, RepoName } from "@prunella/forge";
import type { DispatchHands, WorkflowAt, WorkflowStart } from "@prunella/ubiquityos";

/** How long a run is looked for where the host does not name it. */
const LOOKS = 10;
const LOOK_MS = 1_500;
/** Clocks of two machines. */
const SKEW_MS = 15_000;

/** How a host of repositories lets a workflow be started. */
export const workflowHands = (forge: Github): Pick<DispatchHands, "startWorkflow" | "sleep"> => ({
  startWorkflow: (at, inputs, signal) => start(forge, at, given(inputs), signal),
  sleep: async (ms, signal) => void (await sleep(ms, undefined, { signal })),
});

export const runIdOf = (url: string | null): number | null => {
  const id = /\/runs\/(\d+)/.exec(url ?? "")?.[1];
  return id === undefined ? null : Number(id);
};

/** What has a value: a workflow takes texts alone. */
const given = (inputs: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(inputs).filter((entry): entry is [string, string] => entry[1] !== undefined));

async function start(
  forge: Github,
  at: WorkflowAt,
  inputs: Record<string, string>,
  signal: AbortSignal,
): Promise<WorkflowStart> {
  const since = Date.now() - SKEW_MS;
  const asked = await forge.startWorkflow(at, { workflowId: at.workflowId, ref: at.ref, inputs }, signal);
  if (asked.ok) return { ok: true, runUrl: asked.value?.url ?? (await findRun(forge, at, since, signal)) };
  const { status, message } = asked.refusal;
  if (status !== 404) return { ok: false, status, message, isMissing: false };
  const branch = await forge.defaultBranch(at, signal);
  const file = branch.ok ? await forge.file(at, `.github/workflows/${at.workflowId}`, null, signal) : null;
  if (!branch.ok || file?.ok !== true || file.value !== null) return { ok: false, status, message, isMissing: false };
  return {
    ok: false,
    status,
    message: `The workflow ${at.workflowId} is not on the default branch ${branch.value} of ${at.owner}/${at.repo}, where a workflow must be to be started.`,
    isMissing: true,
  };
}

async function findRun(
  forge: Github,
  at: WorkflowAt & RepoName,
  since: number,
  signal: AbortSignal,
): Promise<string | null> {
  const branch = at.ref === null ? await forge.defaultBranch(at, signal) : null;
  const ref = branch?.ok === true ? branch.value : (at.ref ?? "");
  for (let look = 0; look < LOOKS; look += 1) {
    const asked = await forge.findRun(at, { workflowId: at.workflowId, ref, since }, signal);
    if (!asked.ok) return null;
    if (asked.value !== null) return asked.value.url;
    await sleep(LOOK_MS, undefined, { signal });
  }
  return null;
}
