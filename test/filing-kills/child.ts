import { readFileSync } from "node:fs";
import { Config } from "@prunella/contract";
import { startServer } from "@prunella/server";

/**
 * A server that files what waits in its data folder, or makes public what somebody labelled, and ends when it is
 * written down where; whoever started it kills it before that. Its clock may go before, so that what a dead one held
 * is free.
 */
const [folder = "", aheadMs = "0", what = "filing"] = process.argv.slice(2);
const { now } = Date;
Date.now = () => now() + Number(aheadMs);

const config = Config.parse(JSON.parse(readFileSync(`${folder}/config.json`, "utf8")));
const server = await startServer({
  config: { ...config, server: { ...config.server, port: 0 } },
  dataFolder: `${folder}/data`,
  isDemo: false,
  log: { info() {}, warn: (message) => console.error(message) },
});
for (let tries = 0; tries < 600; tries += 1) {
  const said = what === "filing" ? await filed() : await promoted();
  if (said !== null) {
    console.log(said);
    break;
  }
  await new Promise((resolve) => setTimeout(resolve, 100));
}
await server.close();

async function filed(): Promise<string | null> {
  const [filing] = await server.kernel.filings.list({ projects: null, limit: 1 });
  return filing?.number == null ? null : `filed ${filing.number}`;
}

/** And what the ledger says of it. */
async function promoted(): Promise<string | null> {
  const [standing] = await server.kernel.promotions.list({ projects: null, limit: 1 });
  if (standing?.public_issue == null) return null;
  const found = await server.kernel.ledger.find({ type: "promotion_changed", limit: 50 });
  const times = found.filter(({ entry }) => Object(JSON.parse(entry)).change === "promoted").length;
  const headers = { authorization: `Bearer ${server.token}` };
  const { ok, problems } = Object(await (await fetch(`${server.url}/v1/ledger/verify`, { headers })).json());
  const verified = ok === true ? "verified" : JSON.stringify(problems);
  return `filed ${standing.public_issue.number}, said ${times} time, ${verified}`;
}
