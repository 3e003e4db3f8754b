import type { TestProject } from "vitest/node";

/** A mutant of the kernel is the same on either engine, and the embedded one is there at once. */
export default function setup(project: TestProject): void {
  project.provide("postgresUrl", null);
}
