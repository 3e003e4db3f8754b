import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { literal, part, rows, unionAll } from "./rows.ts";

describe.each(ENGINES)("rows on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  test("puts each value where it is written, through parts too", async () => {
    await using store = await open();
    const db = store.engine.reader;
    const of = (name: string, at: number) => part`select cast(${name} as text) as name, cast(${at} as bigint) as at`;
    for (const again of [1, 2]) {
      const found = await rows(db)`select * from (${unionAll([of("a", again), of("b", 2), of("c", 3)])}) as all_of_them
        where at < ${3} order by at desc, name limit ${literal(2)}`;
      expect(found.map((row) => ({ ...Object(row) }))).toEqual(
        again === 1
          ? [
              { name: "b", at: 2 },
              { name: "a", at: 1 },
            ]
          : [
              { name: "a", at: 2 },
              { name: "b", at: 2 },
            ],
      );
    }
  });

  test("keeps a value a value, whatever stands in it", async () => {
    await using store = await open();
    const [row] = await rows<{ said: string }>(
      store.engine.reader,
    )`select cast(${"'; drop table work; $1 ?"} as text) as said`;
    expect(row?.said).toBe("'; drop table work; $1 ?");
  });
});
