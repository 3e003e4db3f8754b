import { CompiledQuery } from "kysely";
import type { Engine } from "./engine.ts";

export type Value = string | number | null;

/** Carries a statement out at once, past everything that builds statements. */
export type Direct = <Row>(text: string, values: readonly (Value | readonly Value[])[]) => Promise<Row[]>;

const directs = new WeakMap<Engine["reader"], Direct>();

/** Told by an engine of each of its ways to the database. */
export const goDirect = (db: Engine["reader"], direct: Direct): void => void directs.set(db, direct);

/** A piece of a statement, with the values in it. */
export interface Part {
  readonly strings: readonly string[];
  readonly values: readonly (Value | Part)[];
}

/** A text without parts is made once for each place that it is written at. */
const texts = new WeakMap<readonly string[], string>();

/**
 * One statement as it is written, for the ways that every decision takes: built from nodes it costs
 * several times what the database takes to carry it out. Values become parameters. A condition of a
 * partial index is written out, because a parameter cannot be compared with it.
 *
 * @example const [run] = await rows<Run>(tx.db)`select * from supervised where run_id = ${runId}`;
 */
export const rows =
  <Row>(db: Engine["reader"]) =>
  async (strings: TemplateStringsArray, ...values: readonly (Value | Part)[]): Promise<Row[]> => {
    const parameters: Value[] = [];
    const hasParts = values.some(isPart);
    let text = hasParts ? undefined : texts.get(strings);
    if (text === undefined) {
      text = write({ strings, values }, parameters);
      if (!hasParts) texts.set(strings, text);
    } else for (const value of values) if (!isPart(value)) parameters.push(value);
    return carryOut<Row>(db, text, parameters);
  };

/** A statement as a text of its own. */
export async function carryOut<Row>(
  db: Engine["reader"],
  text: string,
  values: readonly (Value | readonly Value[])[],
): Promise<Row[]> {
  const direct = directs.get(db);
  if (direct) return direct<Row>(text, values);
  return (await db.executeQuery<Row>(CompiledQuery.raw(text, [...values]))).rows;
}

export const part = (strings: TemplateStringsArray, ...values: readonly (Value | Part)[]): Part => ({
  strings,
  values,
});

/** A number as it stands, where a planner does better when it knows it. */
export const literal = (number: number): Part => ({ strings: [String(number)], values: [] });

export const unionAll = (parts: readonly Part[]): Part => ({
  strings: ["", ...parts.slice(1).map(() => " union all "), ""],
  values: parts,
});

/** What stands between the brackets of an `in`; of none, what nothing is. */
export const listed = (values: readonly string[]): Part => ({
  strings: values.length === 0 ? ["null"] : ["", ...values.slice(1).map(() => ", "), ""],
  values,
});

const isPart = (value: Value | Part): value is Part => typeof value === "object" && value !== null;

function write({ strings, values }: Part, parameters: Value[]): string {
  let text = strings[0] ?? "";
  for (const [at, value] of values.entries()) {
    if (isPart(value)) text += write(value, parameters);
    else text += `$${parameters.push(value)}`;
    text += strings[at + 1] ?? "";
  }
  return text;
}
