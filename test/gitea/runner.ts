import type { Gitea } from "./gitea.ts";

/**
 * A runner of Gitea Actions that does nothing of what it is given and says how it ended: so a workflow really fails,
 * and Gitea itself tells of it. It speaks Gitea's own protocol (Connect, as JSON).
 */
export async function registerRunner(gitea: Gitea): Promise<{ endNext(result: "failure" | "success"): Promise<void> }> {
  const made = await gitea.api("POST", "/admin/actions/runners/registration-token");
  const token = textOf(made.json, "token");
  const registered = await rpc("Register", { name: "test-runner", token, labels: ["anywhere"], version: "v0.0.0" }, {});
  const runner: unknown = Reflect.get(Object(registered), "runner");
  const identity = { "x-runner-uuid": textOf(runner, "uuid"), "x-runner-token": textOf(runner, "token") };
  await rpc("Declare", { labels: ["anywhere"], version: "v0.0.0" }, identity);

  async function rpc(name: string, body: object, headers: Readonly<Record<string, string>>): Promise<unknown> {
    const answer = await fetch(`${gitea.url}/api/actions/runner.v1.RunnerService/${name}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${name} was answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  }

  return {
    async endNext(result) {
      for (let tries = 0; tries < 300; tries += 1) {
        const fetched = await rpc("FetchTask", { tasksVersion: 0 }, identity);
        const task: unknown = Reflect.get(Object(fetched), "task");
        if (task !== undefined && task !== null) {
          const state = { id: textOf(task, "id"), result: `RESULT_${result.toUpperCase()}` };
          const now = new Date().toISOString();
          await rpc("UpdateTask", { state: { ...state, startedAt: now, stoppedAt: now } }, identity);
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      throw new Error("Gitea gave the runner nothing to do within a minute");
    },
  };
}

function textOf(value: unknown, name: string): string {
  const found: unknown = Reflect.get(Object(value), name);
  if (typeof found !== "string") throw new Error(`no ${name} in ${JSON.stringify(value)}`);
  return found;
}
