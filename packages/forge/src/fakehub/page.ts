import type { Context } from "hono";

const MOST_PER_PAGE = 100;

/** The part of a list that was asked for. */
export function pageOf<T>(context: Context, all: readonly T[]): readonly T[] {
  const size = Math.min(MOST_PER_PAGE, Number(context.req.query("per_page") ?? 30));
  const page = Number(context.req.query("page") ?? 1);
  return all.slice((page - 1) * size, page * size);
}
