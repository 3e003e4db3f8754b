import { z } from "zod";
import { duration } from "./duration.ts";
import { Level, Source } from "./event.ts";
import { Target, Uuid } from "./ids.ts";

/** How deep conditions may stand in each other, and how many of them say something of an event. */
export const CONDITION_DEPTH = 8;
export const CONDITION_LEAVES = 64;

/**
 * When a trigger asks: everything that stands in one of these must hold. Closed, and compared exactly, as
 * code units; see docs/decisions/0015.
 */
export interface Condition {
  readonly source?: Source | undefined;
  /** Of the error that the fault began with. */
  readonly class?: string | undefined;
  /** Template of its message, as grouping has it: without numbers, ids and quoted text. */
  readonly message?: string | undefined;
  /** How that begins, for messages that end in names of files. */
  readonly message_begins?: string | undefined;
  readonly fault?: string | undefined;
  readonly target?: string | undefined;
  /** At least so bad. */
  readonly level?: Level | undefined;
  readonly environment?: string | undefined;
  readonly release?: string | undefined;
  readonly probe?: string | undefined;
  readonly heartbeat?: string | undefined;
  readonly is?: "new" | "regressed" | undefined;
  /** Of the same fault; of the same target where the target is named and nothing of a fault. */
  readonly count?: { readonly at_least: number; readonly within_ms: number } | undefined;
  /** Looked at again after so long: it must still hold, for what came in since. Only at the top. */
  readonly for_ms?: number | undefined;
  readonly all?: readonly Condition[] | undefined;
  readonly any?: readonly Condition[] | undefined;
  readonly not?: Condition | undefined;
}

const DAY_MS = 86_400_000;
const MOST_COUNTED = 10_000;
const name = (most: number) => z.string().min(1).max(most);

const said = {
  source: Source.optional().meta({ description: "Where the event came in." }),
  class: name(300).optional().meta({ description: "Class of the error, such as `TypeError`." }),
  message: name(300).optional().meta({
    description: "Template of the message, as `prunella fault` shows it: numbers, ids and quoted text are left out.",
  }),
  message_begins: z.string().min(8).max(300).optional().meta({
    description: "How the template of the message begins, where it ends in names of files. At least eight characters.",
  }),
  fault: Uuid.optional().meta({ description: "Id of a fault." }),
  target: Target.optional().meta({ description: "What the event speaks of, such as `program:shop`." }),
  level: Level.optional().meta({ description: "At least so bad; `fatal` is the worst." }),
  environment: name(200).optional().meta({ description: "Such as `production`." }),
  release: name(200).optional().meta({ description: "Such as `shop@1.4.0`." }),
  probe: name(200).optional().meta({ description: "Name of a probe that failed." }),
  heartbeat: name(200).optional().meta({ description: "Name of a heartbeat that was missed." }),
  is: z.enum(["new", "regressed"]).optional().meta({
    description: "`new`: the fault was never seen before. `regressed`: it was resolved and is back.",
  }),
};

const at_least = z.int().min(1).max(MOST_COUNTED).meta({
  description: "So many events of the fault, or of the target where that is named and nothing of a fault.",
  "x-unit": "events",
});

/** As the API gives it out and the database keeps it. Its bounds are those of `boundedCondition`. */
export const Condition: z.ZodType<Condition> = z.lazy(() =>
  z.strictObject({
    ...said,
    count: z
      .strictObject({
        at_least,
        within_ms: z
          .int()
          .min(1_000)
          .max(7 * DAY_MS),
      })
      .optional(),
    for_ms: z.int().min(1_000).max(DAY_MS).optional(),
    all: conditions(Condition),
    any: conditions(Condition),
    not: Condition.optional(),
  }),
);

/** As a person writes it. */
const WrittenNode: z.ZodType<Condition> = z.lazy(() =>
  z
    .strictObject({
      ...said,
      count: z
        .strictObject({
          at_least,
          within: duration({ least: "1s", most: "7d" }).meta({ description: "In so long." }),
        })
        .optional()
        .meta({ description: "How many must have come in." }),
      for: duration({ least: "1s", most: "1d" }).optional().meta({
        description: "Looked at again after so long: it must still hold, for what came in since. Only at the top.",
      }),
      all: conditions(WrittenNode).meta({ description: "Each of these." }),
      any: conditions(WrittenNode).meta({ description: "One of these." }),
      not: WrittenNode.optional().meta({ description: "Not this." }),
    })
    .transform(({ count, for: again, all, any, not, ...plain }): Condition => ({
      ...plain,
      ...(count === undefined ? {} : { count: { at_least: count.at_least, within_ms: count.within } }),
      ...(again === undefined ? {} : { for_ms: again }),
      ...(all === undefined ? {} : { all }),
      ...(any === undefined ? {} : { any }),
      ...(not === undefined ? {} : { not }),
    })),
);

function conditions(node: z.ZodType<Condition>) {
  return z.array(node).min(1).max(CONDITION_LEAVES).optional();
}

/** Refuses, with its path, what is too deep, too wide, or says nothing. */
function checkBounds(again: "for" | "for_ms") {
  return (whole: Condition, context: z.core.$RefinementCtx<Condition>): void => {
    const no = (path: readonly PropertyKey[], message: string) =>
      context.addIssue({ code: "custom", path: [...path], message });
    let leaves = 0;
    const walk = (node: Condition, path: readonly PropertyKey[], depth: number): void => {
      if (depth > CONDITION_DEPTH) return no(path, `conditions stand at most ${CONDITION_DEPTH} deep in each other`);
      const { all = [], any = [], not, for_ms, ...own } = node;
      leaves += Object.values(own).filter((value) => value !== undefined).length;
      const isEmpty = Object.values(node).every((value) => value === undefined);
      if (isEmpty || (depth === 1 && Object.keys(node).join() === "for_ms"))
        no(path, "a condition says something of an event, such as `target` or `class`");
      if (for_ms !== undefined && depth > 1) no([...path, again], `\`${again}\` stands only at the top of a condition`);
      for (const [at, one] of all.entries()) walk(one, [...path, "all", at], depth + 1);
      for (const [at, one] of any.entries()) walk(one, [...path, "any", at], depth + 1);
      if (not !== undefined) walk(not, [...path, "not"], depth + 1);
    };
    walk(whole, [], 1);
    if (leaves > CONDITION_LEAVES)
      no([], `a condition compares at most ${CONDITION_LEAVES} things, and this one ${leaves}`);
  };
}

export const boundedCondition = Condition.superRefine(checkBounds("for_ms"));
export const WrittenCondition = WrittenNode.superRefine(checkBounds("for"));
