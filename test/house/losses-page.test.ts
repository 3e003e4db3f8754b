import { RETENTION_REASONS } from "@prunella/kernel";
import { describe, expect, it } from "vitest";
import { DOORS } from "../../packages/server/src/doors/index.ts";
import { KIT_REASONS } from "../../packages/server/src/doors/kit/losses.ts";
import { SENTRY_LIMITS } from "../../packages/server/src/doors/sentry/limits.ts";
import { ITEM_CATEGORIES } from "../../packages/server/src/doors/sentry/reasons.ts";
import { read } from "./files.ts";

const page = read("docs/losses.md");
const firstCells = [...page.matchAll(/^\| `([^`]+)` \|/gm)].map(([, cell = ""]) => cell);
const reasons = [...KIT_REASONS, ...DOORS.flatMap((door) => [...door.reasons]), ...RETENTION_REASONS];

/** As the page writes them: `dropped.unread.session` is `dropped.unread.<category>`. */
const form = (reason: string): string =>
  reason
    .replace(/^dropped\.([a-z_]+)\..+$/, "dropped.$1.<category>")
    .replace(/^client\..+$/, "client.<reason>.<category>");

describe("docs/losses.md", () => {
  it("has one row for each reason that a door or the retention may count by, and no other", () => {
    const rows = firstCells.filter((cell) => cell.includes(".") || cell === "scrub_miss");
    expect(rows.toSorted()).toEqual([...new Set(reasons.map(form))].toSorted());
  });

  it("says of each type of item what it is counted as", () => {
    const rows = [...page.matchAll(/^\| `([a-z_]+)` \| (`[a-z_]+`.*) \|$/gm)];
    const said = rows.flatMap(([, category = "", items = ""]) =>
      [...(items.split(", and")[0]?.matchAll(/`([a-z_0-9]+)`/g) ?? [])].map(([, type = ""]) => [type, category]),
    );
    const isListed = ([type = "", category = ""]: readonly string[]) => ITEM_CATEGORIES.get(type) === category;
    expect(said.filter((pair) => !isListed(pair))).toEqual([]);
    expect(said.map(([type]) => type).toSorted()).toEqual([...ITEM_CATEGORIES.keys()].toSorted());
  });

  it("names the limits as they are", () => {
    const { eventMax, readMax, itemsMax, eventsMax } = SENTRY_LIMITS;
    const row = (reason: string) => page.split("\n").find((line) => line.startsWith(`| \`${reason}`)) ?? "";
    expect(row("dropped.too_large")).toContain(
      `over ${eventMax / 1024 ** 2} MiB, or beyond ${readMax / 1024 ** 2} MiB`,
    );
    expect(row("dropped.too_many")).toContain(`beyond ${eventsMax} events`);
    expect(row("door.too_large")).toContain(`over ${itemsMax} items`);
  });
});
