import { readFileSync } from "node:fs";
import { Config } from "@prunella/contract";
import { startServer } from "@prunella/server";

/**
 * A server that files what waits in its data folder and ends when it is written down where; whoever started it kills
 * it before that. Its clock may go before, so that what a dead one held is free.
 */
const [folder = "", aheadMs = "0"] = process.argv.slice(2);
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
  const [filing] = await server.kernel.filings.list({ projects: null, limit: 1 });
  if (filing?.number != null) {
    console.log(`filed ${filing.number}`);
    break;
  }
  await new Promise((resolve) => setTimeout(resolve, 100));
}
await server.close();
