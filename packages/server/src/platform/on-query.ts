import type { LogEvent } from "kysely";

/** Told of each statement, for those who look at plans and costs. */
export type OnQuery = (statement: {
  readonly sql: string;
  readonly parameters: readonly unknown[];
  readonly ms: number;
}) => void;

export function logTo(onQuery: OnQuery | undefined): { log?: (event: LogEvent) => void } {
  if (onQuery === undefined) return {};
  return {
    log({ query, queryDurationMillis }) {
      onQuery({ sql: query.sql, parameters: query.parameters, ms: queryDurationMillis });
    },
  };
}
