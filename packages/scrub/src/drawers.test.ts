import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, it } from "vitest";

const root = import.meta.dirname;
const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter(
  (file) => file.endsWith(".ts") && !file.endsWith(".test.ts"),
);
const read = (file: string) => readFileSync(join(root, file), "utf8");
/** As `index.ts` says it. */
const order = (/^ \*\s+(text → .+)$/m.exec(read("index.ts"))?.[1] ?? "").split(" → ");

it("lie in the drawers that index.ts names, and nowhere else", () => {
  expect(new Set(files.map((file) => dirname(file)))).toEqual(new Set([".", ...order]));
  expect(files.filter((file) => dirname(file) === ".")).toEqual(["index.ts"]);
});

it("import from drawers in front of their own alone, so that there is no circle", () => {
  const wrong = files
    .filter((file) => file !== "index.ts")
    .flatMap((file) =>
      [...read(file).matchAll(/\bfrom "(\.[^"]+)"/g)].map(([, to = ""]) => ({
        file,
        from: dirname(file),
        to: relative(root, dirname(join(root, dirname(file), to))),
      })),
    )
    .filter(({ from, to }) => from !== to && order.indexOf(to) >= order.indexOf(from));
  expect(wrong).toEqual([]);
  expect(order.length).toBeGreaterThan(5);
});
