import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

/** For tests only: a server built on the protocol's own kit, with a tool for each thing that may go well or wrong. */
const SOURCE = `
import { McpServer, fromJsonSchema } from "@modelcontextprotocol/server";
import { serveStdio, StdioServerTransport } from "@modelcontextprotocol/server/stdio";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";

const [era = "both"] = process.argv.slice(2);
const forever = () => new Promise(() => setInterval(() => {}, 1_000));
const text = (words) => ({ content: [{ type: "text", text: words }] });
const input = (properties = {}, required = []) => fromJsonSchema({ type: "object", properties, required });
const tryTo = (what) => { try { return String(what()).slice(0, 200); } catch (error) { return error.code ?? error.message; } };

function make() {
  const server = new McpServer({ name: "all-sorts", version: "1.0.0" }, { capabilities: { tools: {}, logging: {} } });
  const tool = (name, config, does) => server.registerTool(name, { inputSchema: input(), ...config }, does);
  tool("greet", { description: "Greets  somebody\\nby name", inputSchema: input({ name: { type: "string", description: "Whom" } }, ["name"]) }, ({ name }) => text("hi " + name));
  tool("addUp", { description: "Adds", inputSchema: input({ a: { type: "number" }, b: { anyOf: [{ type: "number" }, { type: "null" }], default: 2 } }, ["a"]),
    outputSchema: fromJsonSchema({ type: "object", properties: { sum: { type: "number" } }, required: ["sum"] }) },
    ({ a, b }) => ({ ...text(String(a + b)), structuredContent: { sum: a + b } }));
  tool("count", { description: "Counts" }, async (_input, { mcpReq }) => {
    for (let progress = 1; progress <= 5; progress += 1) {
      await mcpReq.notify({ method: "notifications/progress", params: { progressToken: mcpReq._meta?.progressToken, progress, total: 5, message: "step " + progress + (progress === 1 ? " word".repeat(100) : "") } });
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    return text("counted");
  });
  tool("refuse", { description: "Fails" }, () => ({ ...text("no such thing: ada@example.org"), isError: true }));
  tool("leak", { description: "Says a secret" }, () => text("key " + ["AKIA", "Q3EGRIJ5NLYVEXAM"].join("")));
  tool("wipe", { description: "Wipes", annotations: { destructiveHint: true } }, () => text("wiped"));
  tool("slow", { description: "Never answers" }, forever);
  tool("die", { description: "Ends" }, () => { process.stderr.write("the disk is on fire\\n"); setTimeout(() => process.exit(3), 50); return forever(); });
  tool("garbage", { description: "Says garbage" }, () => { process.stdout.write("garbage\\n"); return forever(); });
  tool("answers", { description: "Answers nobody" }, () => { process.stdout.write('{"jsonrpc":"2.0","id":77,"result":{}}\\n'); return forever(); });
  tool("flood", { description: "Floods" }, () => { for (let at = 0; at < 21_000; at += 1) process.stdout.write('{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"x"}}\\n'); return forever(); });
  tool("large", { description: "Says much" }, () => text("x".repeat(5_000_000)));
  tool("picture", { description: "A picture" }, () => ({ content: [{ type: "text", text: "see" }, { type: "image", data: "AAAA", mimeType: "image/png" }] }));
  tool("around", { description: "Looks around" }, async () => ({ ...text("seen"), structuredContent: {
    env: Object.keys(process.env).sort().join(" "),
    roots: tryTo(() => readdirSync("/roots").join(" ")),
    file: tryTo(() => readFileSync("/roots/workspace/a.txt", "utf8")),
    write: tryTo(() => writeFileSync("/roots/workspace/b.txt", "b") ?? "written"),
    own: tryTo(() => writeFileSync("/plugin/x", "x") ?? "written"),
    scratch: tryTo(() => writeFileSync("/tmp/x", "x") ?? "written"),
    users: tryTo(() => readFileSync("/etc/passwd", "utf8")),
    net: await new Promise((resolve) => { try { connect(Number(process.argv[3] ?? 9), "127.0.0.1").on("connect", () => resolve("connected")).on("error", (error) => resolve(error.code)); } catch (error) { resolve(error.code); } }),
  } }));
  return server;
}
if (era === "legacy") await make().connect(new StdioServerTransport());
else serveStdio(make, { legacy: era === "modern" ? "reject" : "serve" });
`;

let built: Promise<string> | null = null;

/** One file, as an author would put it into the plugin's folder. */
const program = (): Promise<string> =>
  (built ??= build({
    stdin: { contents: SOURCE, resolveDir: import.meta.dirname, loader: "js" },
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "node24",
    logLevel: "silent",
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire("/plugin/server.mjs");' },
  }).then(({ outputFiles: [file] }) => file?.text ?? ""));

export const manifestOf = (more: object = {}): Record<string, unknown> => ({
  manifestVersion: 1,
  name: "all-sorts",
  version: "0.1.0",
  description: "Does all sorts.",
  license: "Apache-2.0",
  kind: "mcp-stdio",
  command: ["node", "server.mjs", "both"],
  engines: { prunella: ">=0.1.0" },
  namespace: "all-sorts",
  capabilities: [
    { name: "mcp", access: "attach", reason: "Its tools are called." },
    { name: "progress", access: "write", reason: "Says how far it is." },
  ],
  ...more,
});

/** A plugin's folder with the server and a manifest in it. */
export async function writeServer(folder: string, more: object = {}, source?: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "server.mjs"), source ?? (await program()));
  writeFileSync(join(folder, "prunella.plugin.json"), JSON.stringify(manifestOf(more)));
}
