import type { Event } from "@prunella/contract";
import { compileRule, customTypes, type CustomRule } from "../rules/custom-rule.ts";
import { createEngine, type Engine } from "../engine/engine.ts";
import { plainKey } from "../keys/plain-key.ts";
import { RULES } from "../rules/index.ts";
import { scrubAndCut } from "./scrub-and-cut.ts";
import { scrubEvent, type ScrubbedEvent } from "./scrub-event.ts";
import { scrubJson, type RedactionCounts } from "./scrub-json.ts";
import { DEFAULT_ENGINE, scrubText, type Redaction } from "./scrub-text.ts";
import type { Scrubbed } from "./scrubbed.ts";

/** What one installation adds to the built-in rules. It can only take more away, never less. */
export type ScrubPolicy = {
  readonly rules?: readonly CustomRule[] | undefined;
  /** Keys of objects whose values always go, in any spelling: `customer_id` is also `customerId`. */
  readonly dropKeys?: readonly string[] | undefined;
  /** Fields of events that are never kept, as dotted paths: `server_name`, `context.request.data`. */
  readonly neverKeep?: readonly string[] | undefined;
};

export type Scrubber = {
  readonly scrubText: (text: string) => { text: Scrubbed<string>; redactions: Redaction[] };
  readonly scrubJson: (value: unknown) => { value: Scrubbed<unknown>; redactions: RedactionCounts };
  readonly scrubEvent: (event: Event) => ScrubbedEvent;
  readonly scrubAndCut: (text: string, max: number) => Scrubbed<string>;
};

/** Throws an Error that says which rule, key or field is wrong. */
export function createScrubber(policy: ScrubPolicy = {}): Scrubber {
  const options = {
    engine: engineOf(policy.rules ?? []),
    dropKeys: dropKeysOf(policy.dropKeys ?? []),
    neverKeep: fieldsOf(policy.neverKeep ?? []),
  };
  return {
    scrubText: (text) => scrubText(text, options.engine),
    scrubJson: (value) => scrubJson(value, options),
    scrubEvent: (event) => scrubEvent(event, options),
    scrubAndCut: (text, max) => scrubAndCut(text, max, options.engine),
  };
}

/** One line of `prunella scrub test`. */
export type RuleTrial = { rule: string; kind: "example" | "negative"; text: string; output: string; passed: boolean };

/** Tries each rule alone on its own examples, which must change, and negatives, which must not. */
export function tryRules(rules: readonly CustomRule[]): RuleTrial[] {
  engineOf(rules);
  return rules.flatMap((rule) => {
    const engine = createEngine([compileRule(rule)], customTypes([rule]));
    const trial = (kind: RuleTrial["kind"], text: string): RuleTrial => {
      const { text: output, redactions } = scrubText(text, engine);
      return {
        rule: rule.name,
        kind,
        text,
        output: output.value,
        passed: redactions.length > 0 === (kind === "example"),
      };
    };
    return [
      ...(rule.examples ?? []).map((text) => trial("example", text)),
      ...(rule.negatives ?? []).map((text) => trial("negative", text)),
    ];
  });
}

function engineOf(custom: readonly CustomRule[]): Engine {
  if (custom.length === 0) return DEFAULT_ENGINE;
  const names = new Set<string>();
  for (const { name } of custom) {
    if (names.has(name)) throw new Error(`rule ${JSON.stringify(name)}: there are two of this name`);
    names.add(name);
  }
  return createEngine([...RULES, ...custom.map(compileRule)], customTypes(custom));
}

function dropKeysOf(keys: readonly string[]): ReadonlySet<string> {
  for (const key of keys)
    if (plainKey(key) === "" || key.length > 96)
      throw new Error(`drop key ${JSON.stringify(key)} must be 1 to 96 characters`);
  return new Set(keys.map(plainKey));
}

const REQUIRED = new Set(["id", "source", "trust", "level", "at"]);
const FIELDS = new Set(
  "release environment platform target errors message message_template stack_text sdk_fingerprint transaction server_name exit_code signal tags breadcrumbs context".split(
    " ",
  ),
);

function fieldsOf(fields: readonly string[]): readonly (readonly string[])[] {
  return fields.map((field) => {
    const path = field.split(".");
    const [first] = path;
    if (first !== undefined && REQUIRED.has(first))
      throw new Error(`field ${JSON.stringify(field)}: an event cannot be kept without it`);
    if (first === undefined || !FIELDS.has(first))
      throw new Error(`field ${JSON.stringify(field)}: events have no such field; known are ${[...FIELDS].join(", ")}`);
    if (path.length > 1 && first !== "tags" && first !== "context")
      throw new Error(`field ${JSON.stringify(field)}: only tags and context have fields of their own`);
    return path;
  });
}
