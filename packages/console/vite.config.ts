import { gzipSync } from "node:zlib";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/** Budgets of the console in KiB, gzipped: what a browser loads before it can show the first page. */
const FIRST_ROUTE_KIB = 170;
const CSS_KIB = 20;

export default defineConfig({
  root: import.meta.dirname,
  base: "/",
  plugins: [react(), tailwindcss(), budgets()],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2023",
    // The content security policy is `default-src 'self'`: no data: address, no inline script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});

/** Prints what the first route weighs and fails the build when it is over budget. */
function budgets(): Plugin {
  return {
    name: "prunella-budgets",
    generateBundle(_options, bundle) {
      const weigh = (text: string | Uint8Array) => gzipSync(text).length / 1024;
      const first = new Set<string>();
      const visit = (name: string) => {
        const chunk = bundle[name];
        if (chunk?.type !== "chunk" || first.has(name)) return;
        first.add(name);
        for (const next of chunk.imports) visit(next);
      };
      let css = 0;
      for (const [name, item] of Object.entries(bundle)) {
        if (item.type === "chunk" && item.isEntry) visit(name);
        if (item.type === "asset" && name.endsWith(".css")) css += weigh(item.source);
      }
      let js = 0;
      for (const name of first) {
        const chunk = bundle[name];
        if (chunk?.type === "chunk") js += weigh(chunk.code);
      }
      console.log(
        `first route ${js.toFixed(1)} KiB of ${FIRST_ROUTE_KIB}, CSS ${css.toFixed(1)} KiB of ${CSS_KIB} (gzipped)`,
      );
      if (js > FIRST_ROUTE_KIB || css > CSS_KIB) this.error("The console is over its size budget.");
    },
  };
}
