import { mkdtempSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { copySqlite } from "./sqlite-backup.ts";

const ROWS = 6_000;
/** Far more than there are steps: a copy that begins again with each write never gets there. */
const MOST_STEPS = 100;

it("copies a database to its end while every step of it is followed by a write, as it was in the beginning", async () => {
  const folder = mkdtempSync(join(tmpdir(), "prunella-copy-"));
  const from = join(folder, "from.db");
  const to = join(folder, "to.db");
  using owner = new DatabaseSync(from);
  owner.exec(`pragma journal_mode = wal; create table row (at integer primary key, text text);
    with recursive n(at) as (select 1 union all select at + 1 from n where at < ${ROWS})
    insert into row select at, hex(randomblob(2000)) from n`);
  const write = owner.prepare("insert into row (text) values ('later')");
  let steps = 0;
  await copySqlite(from, to, () => {
    steps += 1;
    if (steps > MOST_STEPS) throw new Error("it begins again and again");
    write.run();
  });
  expect(steps).toBeGreaterThan(2);
  using copy = new DatabaseSync(to, { readOnly: true });
  expect(copy.prepare("select count(*) as rows, max(text = 'later') as later from row").get()).toEqual({
    rows: ROWS,
    later: 0,
  });
  expect(owner.prepare("select count(*) as rows from row").get()).toEqual({ rows: ROWS + steps });
  rmSync(folder, { recursive: true, force: true });
});
