import { expect, it } from "vitest";
import type { Kernel } from "@prunella/kernel";
import { createProjects } from "./projects.ts";

type Row = Awaited<ReturnType<Kernel["projects"]["list"]>>[number];

function open() {
  const rows: Row[] = [];
  const state = { now: 0, looks: 0, isDown: false };
  const list = async () => {
    state.looks += 1;
    if (state.isDown) throw new Error("down");
    return [...rows];
  };
  const add = (number: string) =>
    void rows.push({
      project_id: `p${number}`,
      dsn_id: number,
      public_key: "k",
      title: "",
      key_at: 0,
      created_at: 0,
      deletes_at: null,
      keys: [],
    });
  return { state, rows, add, projects: createProjects({ projects: { list } }, () => state.now) };
}
const unknown: unknown = expect.objectContaining({ code: "PRUNELLA_INGEST_PROJECT_UNKNOWN" });

it("looks once for many requests at a time, and not again within a second for a number that it knows", async () => {
  const { state, add, projects } = open();
  add("1");
  const found = await Promise.all(Array.from({ length: 50 }, () => projects.find("1")));
  state.now = 999;
  found.push(await projects.find("1"));
  expect(new Set(found.map(({ id }) => id))).toEqual(new Set(["p1"]));
  expect(state.looks).toBe(1);
});

it("tells every request that waits of a project that was just added, and none that it is unknown", async () => {
  const { state, add, projects } = open();
  add("1");
  await projects.find("1");
  add("2");
  state.now = 1_000;
  const found = await Promise.all([projects.find("2"), projects.find("2")]);
  expect(found.map(({ id }) => id)).toEqual(["p2", "p2"]);
});

it("looks at most once a second for a number that nobody has", async () => {
  const { state, projects } = open();
  for (let at = 0; at < 20; at += 1) await expect(projects.find("9")).rejects.toEqual(unknown);
  expect(state.looks).toBe(1);
});

it("looks again after a look that failed", async () => {
  const { state, add, projects } = open();
  state.isDown = true;
  await expect(projects.find("1")).rejects.toThrow("down");
  state.isDown = false;
  add("1");
  expect((await projects.find("1")).id).toBe("p1");
});

it("refuses a key that was taken away within a second, and one that ends at its end", async () => {
  const { state, rows, add, projects } = open();
  add("1");
  const [row] = rows;
  const further = { project_id: "p1", created_at: 0 };
  if (row)
    rows[0] = {
      ...row,
      keys: [
        { ...further, public_key: "old", ends_at: 500 },
        { ...further, public_key: "more", ends_at: null },
      ],
    };
  const taken = async () => {
    const { takes } = await projects.find("1");
    return ["k", "old", "more", "", "K"].filter((key) => takes(key));
  };
  expect(await taken()).toEqual(["k", "old", "more"]);
  state.now = 500;
  expect(await taken()).toEqual(["k", "more"]);
  if (row) rows[0] = { ...row, public_key: "new" };
  state.now = 1_000;
  expect(await taken()).toEqual([]);
  rows.length = 0;
  state.now = 2_000;
  await expect(projects.find("1")).rejects.toEqual(unknown);
});

it("knows what it knew while the database is away", async () => {
  const { state, add, projects } = open();
  add("1");
  await projects.find("1");
  state.isDown = true;
  state.now = 5_000;
  expect((await projects.find("1")).id).toBe("p1");
});
