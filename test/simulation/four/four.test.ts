import { describe, expect, inject, it } from "vitest";
import { createPostgresDatabase } from "../../engines.ts";
import { runFour } from "./run.ts";

/** Another one by chance on every run that asks for it; a failing run says which. */
const SEED = Number(process.env["PRUNELLA_SEED"] ?? 20_261_130);

describe.skipIf(inject("postgresUrl") === null)("four processes on one PostgreSQL", () => {
  it(
    "keep every law of the ledger, the rows and the outside, whichever is killed and wherever it stands",
    { timeout: 240_000 },
    async () => {
      const databaseUrl = await createPostgresDatabase();
      const report = await runFour({ databaseUrl, seed: SEED, deeds: 160, killEvery: 40 });
      const again = `npm run sim -- --postgres --seed ${SEED}`;
      expect(report.violations, again).toEqual([]);
      expect(report.kills, again).toBeGreaterThanOrEqual(3);
      expect(report.events, again).toBeGreaterThan(20);
      expect(report.effects, again).toBeGreaterThan(5);
    },
  );
});
