import { CompiledQuery } from "kysely";
import type { Engine } from "./engine.ts";

type Value = string | number | null;

/** A text is made once for each place that it is written at. */
const texts = new WeakMap<TemplateStringsArray, string>();

/**
 * One statement as it is written, for the ways that every decision takes: built from parts it costs
 * several times what the database takes to carry it out. Values become parameters; nothing else may
 * be put in. A condition of a partial index is written out, because a parameter cannot be compared
 * with it.
 *
 * @example const [run] = await rows<Run>(tx.db)`select * from supervised where run_id = ${runId}`;
 */
export const rows =
  <Row>(db: Engine["reader"]) =>
  async (strings: TemplateStringsArray, ...values: readonly Value[]): Promise<Row[]> => {
    let text = texts.get(strings);
    if (text === undefined) {
      text = strings.reduce((before, part, at) => `${before}$${at}${part}`);
      texts.set(strings, text);
    }
    return (await db.executeQuery<Row>(CompiledQuery.raw(text, [...values]))).rows;
  };
