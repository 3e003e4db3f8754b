import type { Calendar } from "../ports.ts";

export interface Schedule {
  readonly every_ms: number | null;
  readonly cron: string | null;
  readonly time_zone: string;
  readonly grace_ms: number;
  readonly max_runtime_ms: number | null;
}

/** When silence is a failure, after a sign of life; null when its pattern never comes again. */
export function dueAfter(calendar: Pick<Calendar, "nextBegin">, schedule: Schedule, heardAt: number): number | null {
  const { every_ms: every, cron, time_zone: zone, grace_ms: grace } = schedule;
  const next = every !== null ? heardAt + every : cron === null ? null : calendar.nextBegin(cron, zone, heardAt);
  return next === null ? null : next + grace;
}

/** When a run that has begun is overdue: by its own longest time, or with the next sign of life. */
export const runDueAfter = (
  calendar: Pick<Calendar, "nextBegin">,
  schedule: Schedule,
  startedAt: number,
): number | null =>
  schedule.max_runtime_ms === null ? dueAfter(calendar, schedule, startedAt) : startedAt + schedule.max_runtime_ms;
