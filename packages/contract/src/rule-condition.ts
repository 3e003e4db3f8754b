import { z } from "zod";

/** What an event must look like; `*` stands for any run of characters; what is left out does not matter. */
const Pattern = z.string().min(1).max(200);
export const RuleCondition = z
  .strictObject({
    error_class: Pattern.optional(),
    message: Pattern.optional(),
    function: Pattern.optional(),
    file: Pattern.optional(),
    target: Pattern.optional(),
  })
  .refine(
    (condition) => Object.values(condition).some((pattern) => pattern !== undefined),
    "a rule has at least one condition",
  );
export type RuleCondition = z.infer<typeof RuleCondition>;
