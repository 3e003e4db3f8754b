import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin, type Rolldown } from "vite";

/** Budget in KB on the wire, as browsers get it: page, code and style that are loaded before the first page shows. */
const FIRST_ROUTE_KB = 130;
/** What compresses, and is large enough to. */
const COMPRESSED = /\.(?:html|js|css|svg|json|webmanifest)$/;
const MIN_BYTES = 1_024;

/** What asks for the first answers, in a file of its own that runs while all else is on the way. */
const EARLY = ["src/api/early.ts", "src/api/page-key.ts", "../contract/src/request.ts"].map((path) =>
  join(import.meta.dirname, path),
);

const first = new Set<string>();

export default defineConfig({
  root: import.meta.dirname,
  base: "/",
  plugins: [react(), tailwindcss(), wire()],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2023",
    // The content security policy is `default-src 'self'`: no data: address, no inline script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        // What loads first loads together: in one file it compresses better than in ten that share words.
        codeSplitting: {
          groups: [
            { name: (id) => (EARLY.includes(id) ? "early" : null), priority: 1 },
            { name: (id, modules) => (isFirst(id, (one) => modules.getModuleInfo(one)) ? "first" : null) },
          ],
        },
      },
    },
  },
});

/** Whether a module is needed before the first page shows: the entry imports it, not only when it comes to it. */
function isFirst(id: string, infoOf: (id: string) => Pick<Rolldown.ModuleInfo, "importedIds"> | null): boolean {
  if (first.size === 0) {
    const wanted = [join(import.meta.dirname, "src/main.tsx")];
    for (let next = wanted.pop(); next !== undefined; next = wanted.pop()) {
      if (first.has(next)) continue;
      first.add(next);
      wanted.push(...(infoOf(next)?.importedIds ?? []));
    }
  }
  return first.has(id);
}

/**
 * Writes a `.br` beside each file that compresses, which the server sends to whoever takes it; prints what
 * the first route weighs on the wire and fails the build when that is over budget.
 */
function wire(): Plugin {
  return {
    name: "prunella-wire",
    transformIndexHtml: {
      order: "post",
      handler(html, { bundle }) {
        const early = Object.values(bundle ?? {}).find((item) => item.type === "chunk" && item.name === "early");
        if (early === undefined) throw new Error("The console has no early module.");
        // At once, without waiting for the style as the others do.
        const isFound = html.includes(`<script type="module" crossorigin src="/${early.fileName}">`);
        if (!isFound) throw new Error("The page does not load its early module.");
        return (
          html
            .replace(`<script type="module" crossorigin src="/${early.fileName}">`, (tag) =>
              tag.replace(" crossorigin", " async crossorigin"),
            )
            // What is said to whoever reads the source need not travel.
            .replaceAll(/\s*<!--[^]*?-->/g, "")
        );
      },
    },
    // Not before: the last plugins still change code while a bundle is generated.
    writeBundle({ dir = "" }, bundle) {
      const first = new Set<string>();
      const visit = (name: string) => {
        if (first.has(name)) return;
        first.add(name);
        const chunk = bundle[name];
        if (chunk?.type !== "chunk") return;
        for (const next of [...chunk.imports, ...(chunk.viteMetadata?.importedCss ?? [])]) visit(next);
      };
      // The page, and whatever it names.
      const page = Object.entries(bundle).find(([name]) => name.endsWith(".html"));
      if (page?.[1].type !== "asset") this.error("The console has no page.");
      visit(page[0]);
      const text = String(page[1].source);
      for (const name of Object.keys(bundle)) if (text.includes(`/${name}`)) visit(name);
      let bytes = 0;
      for (const [name, item] of Object.entries(bundle)) {
        const plain = Buffer.from(item.type === "chunk" ? item.code : item.source);
        const packed = COMPRESSED.test(name) && plain.length >= MIN_BYTES ? brotli(plain) : null;
        if (packed !== null) writeFileSync(join(dir, `${name}.br`), packed);
        if (first.has(name)) bytes += (packed ?? plain).length;
      }
      console.log(`first route ${(bytes / 1000).toFixed(1)} KB of ${FIRST_ROUTE_KB} on the wire (brotli)`);
      if (bytes > FIRST_ROUTE_KB * 1000) this.error("The console is over its size budget.");
    },
  };
}

const brotli = (bytes: Uint8Array): Buffer =>
  brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      [constants.BROTLI_PARAM_LGWIN]: 24,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
