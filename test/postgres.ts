/**
 * Starts a throw-away PostgreSQL for the whole test run; `inject("postgresUrl")` is null where the
 * machine has none.
 */
import type { TestProject } from "vitest/node";
import { needs } from "./needs.ts";
import { hasPostgres, startCluster } from "./postgres-cluster.ts";

declare module "vitest" {
  export interface ProvidedContext {
    postgresUrl: string | null;
  }
}

export default async function setup(project: TestProject): Promise<(() => void) | undefined> {
  if (!needs("PostgreSQL", hasPostgres())) {
    project.provide("postgresUrl", null);
    return undefined;
  }
  const cluster = await startCluster({ fsync: "off" });
  project.provide("postgresUrl", cluster.url);
  return cluster.stop;
}
