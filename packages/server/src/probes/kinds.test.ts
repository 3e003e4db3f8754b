import { NO_HANDS } from "../../../kernel/src/probes/hands-fixture.ts";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { read, trackedFiles } from "../../../../test/house/files.ts";
import { PROBES } from "./kinds.ts";

describe("the kinds of probes", () => {
  it("have one name each", () => {
    expect([...PROBES.keys()].filter((kind) => !/^[a-z][a-z0-9-]{0,30}$/.test(kind))).toEqual([]);
    expect(PROBES.size).toBeGreaterThan(1);
  });

  it.each([...PROBES.values()].map((probe) => [probe.kind, probe] as const))(
    "refuse a setting that nobody knows and describe those that they know: %s",
    (_, { settings }) => {
      expect(settings.safeParse({ bogus_setting: 1 }).success).toBe(false);
      const { properties = {} } = z.toJSONSchema(settings, { io: "input" });
      const bare = Object.entries(properties).filter(([, one]) => typeof one !== "object" || !one.description);
      expect(bare.map(([name]) => name)).toEqual([]);
    },
  );

  it("have their settings in docs/probes.md, each of them and no other", () => {
    const rows = [...read("docs/probes.md").matchAll(/^\| `([a-z-]+)` \| .* \| (.*) \|$/gm)];
    const listed = rows.map(([, kind, names = ""]) => [
      kind,
      [...names.matchAll(/`([a-z_]+)`/g)].map(([, name]) => name),
    ]);
    const known = [...PROBES.values()].map(({ kind, settings }) => [
      kind,
      Object.keys(z.toJSONSchema(settings, { io: "input" }).properties ?? {}),
    ]);
    expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(known));
  });

  it("hold every plugin of the house", () => {
    const folders = trackedFiles().flatMap((path) => /^plugins\/probe-([a-z-]+)\/package\.json$/.exec(path)?.[1] ?? []);
    expect(folders.length).toBeGreaterThan(1);
    expect(folders.filter((name) => !PROBES.has(name))).toEqual([]);
    expect(folders.filter((name) => !read("packages/server/package.json").includes(`@prunella/probe-${name}`))).toEqual(
      [],
    );
  });

  it("call a service unknown that was not asked, because something else hangs", async () => {
    const http = PROBES.get("http");
    const busy = async () => ({ ok: false, category: "busy", detail: "Other files hang." }) as const;
    const settings = http?.settings.parse({ url: "https://shop.example/" });
    const found = await http?.check(settings, { ...NO_HANDS, http: busy }, new AbortController().signal);
    expect(found).toMatchObject({ status: "unknown", category: "busy" });
  });
});
