import { z } from "zod";
import { Config } from "./config.ts";
import { Delta, Event } from "./event.ts";
import { Fault } from "./fault.ts";
import { Attempt, Envelope, Escalation, Grant, Trigger } from "./healing.ts";
import { LedgerEntry } from "./ledger.ts";

type JsonSchema = { readonly [key: string]: unknown };

/**
 * JSON Schema (draft 2020-12) of the words that programs outside may want to read, by file name.
 * `config` describes what a person writes, so keys with a default are optional in it; all others
 * describe what Prunella gives out. `x-unit` is an annotation: the unit of a number.
 */
export function jsonSchemas(): Record<string, JsonSchema> {
  return {
    attempt: toJsonSchema(Attempt, "attempt"),
    config: toJsonSchema(Config, "config", "input"),
    delta: toJsonSchema(Delta, "delta"),
    envelope: toJsonSchema(Envelope, "envelope"),
    escalation: toJsonSchema(Escalation, "escalation"),
    event: toJsonSchema(Event, "event"),
    fault: toJsonSchema(Fault, "fault"),
    grant: toJsonSchema(Grant, "grant"),
    "ledger-entry": toJsonSchema(LedgerEntry, "ledger-entry"),
    trigger: toJsonSchema(Trigger, "trigger"),
  };
}

function toJsonSchema(schema: z.ZodType, title: string, io: "input" | "output" = "output"): JsonSchema {
  return { title, ...z.toJSONSchema(schema, { io }) };
}
