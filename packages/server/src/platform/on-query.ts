import type { LogEvent } from "kysely";
import type { Direct } from "@prunella/kernel";

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

/** The same for what goes past Kysely. */
export function logDirect(direct: Direct, onQuery: OnQuery | undefined): Direct {
  if (onQuery === undefined) return direct;
  return async (text, values) => {
    const startedAt = performance.now();
    try {
      return await direct(text, values);
    } finally {
      onQuery({ sql: text, parameters: values, ms: performance.now() - startedAt });
    }
  };
}
