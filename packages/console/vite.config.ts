import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/** Budget in KB on the wire, as browsers get it: page, code and style that are loaded before the first page shows. */
const FIRST_ROUTE_KB = 130;
/** What compresses, and is large enough to. */
const COMPRESSED = /\.(?:html|js|css|svg|json|webmanifest)$/;
const MIN_BYTES = 1_024;

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
  },
});

/**
 * Writes a `.br` beside each file that compresses, which the server sends to whoever takes it; prints what
 * the first route weighs on the wire and fails the build when that is over budget.
 */
function wire(): Plugin {
  return {
    name: "prunella-wire",
    // What is said to whoever reads the source need not travel.
    transformIndexHtml: (html) => html.replaceAll(/\s*<!--[^]*?-->/g, ""),
    // Not before: the last plugins still change code while a bundle is generated.
    writeBundle({ dir = "" }, bundle) {
      const first = new Set<string>();
      const visit = (name: string) => {
        const chunk = bundle[name];
        if (chunk?.type !== "chunk" || first.has(name)) return;
        first.add(name);
        for (const next of chunk.imports) visit(next);
        for (const style of chunk.viteMetadata?.importedCss ?? []) first.add(style);
      };
      let bytes = 0;
      for (const [name, item] of Object.entries(bundle)) {
        if (item.type === "chunk" && item.isEntry) visit(name);
        if (name.endsWith(".html")) first.add(name);
      }
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
