import type { Trigger } from "@prunella/contract";
import { Field } from "../parts/field.tsx";
import { inWords, type TriggerRow } from "./trigger-now.ts";

/** A trigger as a policy has it, without what is counted about it. */
export function policyOf({ last_attempt: _attempt, last_proven: _proven, now: _now, ...row }: TriggerRow): Trigger {
  return {
    ...row,
    budgets: row.budgets.map(({ used: _used, next_free_at: _at, ...budget }) => budget),
    ceilings: row.ceilings.map(({ active: _active, ...ceiling }) => ceiling),
  };
}

const MINUTE_MS = 60_000;
const MOST = 10_000;

/** The numbers of a policy that people try out; everything else stays as it stands. */
export function PolicyFields({
  now,
  changed,
  onChange,
}: {
  now: Trigger;
  changed: Trigger;
  onChange: (changed: Trigger) => void;
}) {
  const number = (label: string, value: number, before: number, least: number, set: (value: number) => Trigger) => (
    <Field
      key={label}
      label={label}
      type="number"
      min={least}
      max={MOST}
      required
      hint={value === before ? "as it stands" : `stands at ${before}`}
      value={value}
      onChange={({ target }) =>
        onChange(set(Math.min(MOST, Math.max(least, Math.round(target.valueAsNumber) || least))))
      }
    />
  );
  return (
    <fieldset className="grid grid-cols-[repeat(auto-fill,minmax(11rem,1fr))] gap-3">
      <legend className="section-title mb-1">Other numbers</legend>
      {changed.budgets.map((budget, at) =>
        number(
          `Attempts in ${inWords(budget.window_ms)}${budget.scope === "trigger" ? "" : ` of the ${budget.scope}`}`,
          budget.max,
          now.budgets[at]?.max ?? 0,
          0,
          (max) => ({
            ...changed,
            budgets: changed.budgets.map((each, index) => (index === at ? { ...each, max } : each)),
          }),
        ),
      )}
      {changed.ceilings.map((ceiling, at) =>
        number(
          `Active at once${ceiling.scope === "trigger" ? "" : ` of the ${ceiling.scope}`}`,
          ceiling.max,
          now.ceilings[at]?.max ?? 1,
          1,
          (max) => ({
            ...changed,
            ceilings: changed.ceilings.map((each, index) => (index === at ? { ...each, max } : each)),
          }),
        ),
      )}
      {number("Failures before it acts", changed.debounce.count, now.debounce.count, 1, (count) => ({
        ...changed,
        debounce: { ...changed.debounce, count },
      }))}
      {number(
        "Counted over, in min",
        Math.max(1, Math.round(changed.debounce.window_ms / MINUTE_MS)),
        Math.max(1, Math.round(now.debounce.window_ms / MINUTE_MS)),
        1,
        (minutes) => ({ ...changed, debounce: { ...changed.debounce, window_ms: minutes * MINUTE_MS } }),
      )}
    </fieldset>
  );
}
