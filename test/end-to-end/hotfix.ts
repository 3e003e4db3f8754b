import { join } from "node:path";
import type { ServerFixture } from "./server-fixture.ts";

const BY = { kind: "person", id: "operator" } as const;

/** Installs the plugin that files, and grants it what it requires, as a person does. */
export async function trustHotfix({ api, server: { kernel } }: ServerFixture): Promise<void> {
  const source = { kind: "path", path: join(import.meta.dirname, "..", "..", "plugins", "daemon-hotfix") };
  const added = await api("/plugins", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ source, project: "default" }),
  });
  if (!added.ok) throw new Error(await added.text());
  const { asked } = await kernel.plugins.read("default", "daemon-hotfix");
  const wanted = asked.filter(({ required }) => required).map(({ scope, resources }) => ({ scope, resources }));
  await kernel.plugins.grant(
    { projectId: "default", name: "daemon-hotfix", wanted, reason: "It files.", expiresAt: null },
    BY,
  );
}
