import type { Condition } from "./condition.ts";

/** A condition as a person says it: `target program:shop and error or worse, still so 5 min later`. */
export function conditionWords(condition: Condition): string {
  const { for_ms: again, ...rest } = condition;
  return said(rest, false) + (again === undefined ? "" : `, still so ${span(again)} later`);
}

function said(condition: Condition, isWithin: boolean): string {
  const { all = [], any = [], not, count, level, is } = condition;
  const parts = [
    ...PLAIN.flatMap((field) => (condition[field] === undefined ? [] : [`${field} ${condition[field]}`])),
    ...(condition.message === undefined ? [] : [`message “${condition.message}”`]),
    ...(condition.message_begins === undefined ? [] : [`message begins “${condition.message_begins}”`]),
    ...(level === undefined ? [] : [level === "fatal" ? "fatal" : `${level} or worse`]),
    ...(is === undefined ? [] : [is === "new" ? "the fault is new" : "the fault is back"]),
    ...(count === undefined ? [] : [`${count.at_least} or more within ${span(count.within_ms)}`]),
    ...all.map((one) => said(one, true)),
    ...(any.length === 0 ? [] : [oneOf(any)]),
    ...(not === undefined ? [] : [`not ${said(not, true)}`]),
  ];
  const whole = parts.join(" and ");
  return isWithin && parts.length > 1 ? `(${whole})` : whole;
}

const PLAIN = ["target", "source", "probe", "heartbeat", "class", "fault", "environment", "release"] as const;

const oneOf = (any: readonly Condition[]): string =>
  any.length === 1 && any[0] ? said(any[0], true) : `(${any.map((one) => said(one, true)).join(" or ")})`;

const UNITS = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
  [1_000, "s"],
] as const;

function span(ms: number): string {
  const [worth, unit] = UNITS.find(([each]) => ms >= each && ms % each === 0) ?? [1, "ms"];
  return `${ms / worth} ${unit}`;
}
