import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { PrunellaError, VERSION } from "@prunella/contract";
import { MANIFEST_FILE, PluginName, readManifest } from "@prunella/contract/plugins";
import { commandLine, quoted } from "../../command-line.ts";
import type { Common } from "../../command-options.ts";
import { print, printJson } from "../../print.ts";
import { plain } from "../../terminal/text.ts";

/** A plugin that runs as it is: a manifest and one function. Nothing that is there is written over. */
export async function initPlugin(common: Common, name: string): Promise<void> {
  const parsed = PluginName.safeParse(name);
  if (!parsed.success)
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: `${plain(name)}: ${parsed.error.issues[0]?.message ?? "no name"}.`,
    });
  const files = filesOf(name);
  const read = readManifest(files[MANIFEST_FILE] ?? "");
  if (read.kind === "invalid")
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: `${name} cannot be the name of a plugin: ${read.problems[0]?.expected ?? ""}.`,
    });
  try {
    mkdirSync(name);
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(name, path)), { recursive: true });
      writeFileSync(join(name, path), text, { flag: "wx" });
    }
  } catch (cause) {
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: `The folder ${name} cannot be made here${cause instanceof Error && "code" in cause && cause.code === "EEXIST" ? ": it is there already" : ""}.`,
      hint: "Choose another name, or another folder.",
      cause,
    });
  }
  if (common.json) return printJson({ folder: name, files: Object.keys(files) });
  print(`${name}/ holds a manifest and one function. Next, beside a running server:`);
  print(`  cd ${quoted(name)} && ${commandLine(common, "plugin dev --trust")}`);
}

const filesOf = (name: string): Readonly<Record<string, string>> => ({
  [MANIFEST_FILE]: `${JSON.stringify(
    {
      manifestVersion: 1,
      name,
      version: "0.1.0",
      description: `Says hello; made by prunella plugin init.`,
      license: "MIT",
      kind: "local",
      entry: "src/index.ts",
      engines: { prunella: `^${VERSION}` },
      namespace: name,
      commands: [
        {
          name: "hi",
          summary: "Says hello to somebody, and remembers how often",
          risk: "write",
          input: { properties: { name: { type: "string", description: "whom", maxLength: 100 } }, required: ["name"] },
          uses: ["capability:state:read", "capability:state:write"],
          phrase: "say hi to {name}",
        },
      ],
      capabilities: [
        { name: "state", access: "read", reason: "Knows how often it greeted somebody." },
        { name: "state", access: "write", quotaMb: 1, reason: "Remembers how often it greeted somebody." },
      ],
    },
    null,
    2,
  )}\n`,
  "src/index.ts": `import { definePlugin } from "@prunella/plugin";

export default definePlugin({
  commands: {
    async hi({ name }: { name: string }, { state }) {
      const before = Number((await state.get(\`greeted \${name}\`)) ?? 0);
      await state.put(\`greeted \${name}\`, before + 1);
      return { said: \`Hello \${name}\`, times: before + 1 };
    },
  },
});
`,
});
