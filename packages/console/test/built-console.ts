/** The console as it is built today, in front of a real server at one address, and what looks at it. */
import { existsSync, readFileSync } from "node:fs";
import { createServer, request as ask, type IncomingMessage, type ServerResponse } from "node:http";
import { createRequire } from "node:module";
import { chromium, type Browser, type Page } from "playwright-core";
import { createStatic } from "../../server/src/http/static.ts";
import { builtPages } from "./built-pages.ts";

/** Without windows it is the same engine, at half the processor time: 45 against 109 s for one file of pages. */
export const CHROMIUM =
  process.env["PRUNELLA_CHROMIUM"] ??
  (existsSync("/usr/bin/chromium-headless-shell") ? "/usr/bin/chromium-headless-shell" : "/usr/bin/chromium");
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const openBrowser = (): Promise<Browser> => chromium.launch({ executablePath: CHROMIUM, args: FLAGS });

export interface BuiltConsole extends AsyncDisposable {
  /** By name, because browsers bind passkeys to one. */
  readonly url: string;
  /** The server that stands behind the pages from now on, by its own address. */
  behind(server: string): void;
}

/** Serves the pages as they are built; what is not a page goes to the server behind. */
export async function openBuiltConsole(): Promise<BuiltConsole> {
  const dist = await builtPages();
  const page = createStatic(dist);
  let server = "";
  const front = createServer((incoming, outgoing) => void pass(incoming, outgoing));
  async function pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { pathname } = new URL(incoming.url ?? "/", "http://front");
    if (!/^\/(?:v1|oidc|api|ledger)\//.test(pathname)) {
      const found = page(pathname);
      outgoing.writeHead(found.status, Object.fromEntries(found.headers)).end(Buffer.from(await found.arrayBuffer()));
      return;
    }
    const asked = ask(
      new URL(incoming.url ?? "/", server),
      { method: incoming.method ?? "GET", headers: incoming.headers },
      (answer) => answer.pipe(outgoing.writeHead(answer.statusCode ?? 502, answer.headers)),
    );
    asked.on("error", () => outgoing.destroy());
    outgoing.on("close", () => asked.destroy());
    incoming.pipe(asked);
  }
  await new Promise<void>((resolve) => front.listen(0, "localhost", resolve));
  const address = front.address();
  return {
    url: `http://localhost:${typeof address === "object" && address !== null ? address.port : 0}`,
    behind: (given) => void (server = given),
    async [Symbol.asyncDispose]() {
      front.closeAllConnections();
      await new Promise((resolve) => front.close(resolve));
    },
  };
}

/** What colours decide. */
const BY_COLOUR = ["color-contrast", "link-in-text-block"];
/**
 * Of a page that is looked at in both themes: its structure is the same in either, and asked about in the light; what
 * colours decide is asked in the dark again. Null: all rules.
 */
export const rulesIn = (scheme: "light" | "dark"): readonly string[] | null => (scheme === "light" ? null : BY_COLOUR);

/**
 * Names of the rules that axe finds broken, with the places. It looks at what is drawn: before the first
 * frame of a part Chromium still calls the words in it invisible.
 */
export async function axe(page: Page, rules: readonly string[] | null = null): Promise<string[]> {
  await page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))");
  if (!(await page.evaluate("'axe' in window"))) await page.evaluate(AXE);
  const only = rules === null ? "" : `runOnly: ${JSON.stringify(rules)}, `;
  const found: unknown = await page.evaluate(`axe.run(document, { ${only}resultTypes: ["violations"] }).then((result) =>
    result.violations.flatMap((rule) => rule.nodes.map((node) => rule.id + " " + node.target.join(" ") + " " + node.failureSummary)))`);
  return Array.isArray(found) ? found.map(String) : ["axe gave no answer"];
}

export const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
