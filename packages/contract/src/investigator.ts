import { z } from "zod";
import { duration } from "./duration.ts";

/** What may be spent on asking a model: how often, on how much text, for how much money. */
const Spend = z.strictObject({
  calls: z.int().min(0).meta({ description: "Calls of a model.", "x-unit": "calls" }),
  tokens: z.int().min(0).meta({ description: "Tokens, in and out.", "x-unit": "tokens" }),
  cost_micros: z.int().min(0).meta({
    description: "Millionths of the unit of money that the program counts in.",
    "x-unit": "millionths",
  }),
});
export type Spend = z.infer<typeof Spend>;

const bounds = (description: string, calls: number, tokens: number, cost_micros: number) =>
  Spend.default({ calls, tokens, cost_micros }).meta({ description });

export const InvestigatorConfig = z.strictObject({
  kind: z.enum(["scripted", "command"]).default("scripted").meta({
    description:
      "`scripted` gathers what is known and asks nobody. `command` starts a program of yours, such as one that asks a model.",
  }),
  command: z.array(z.string().min(1).max(4_000)).max(64).default([]).meta({
    description: "Of `command`: program and arguments; no shell. It reads and writes lines of JSON.",
  }),
  timeout: duration({ least: "100ms", most: "1h" }).prefault("2m").meta({
    description: "How long one investigation may take.",
  }),
  budget: z
    .strictObject({
      investigation: bounds("In one investigation.", 20, 200_000, 1_000_000),
      project: bounds("By one project in a day.", 200, 2_000_000, 10_000_000),
      day: bounds("By all in a day.", 400, 4_000_000, 20_000_000),
    })
    .prefault({})
    .meta({
      description:
        "What may be spent in one investigation, by one project in a day, and by all in a day. From half of it on the program is asked to be cheap, from nine tenths on it is not asked, and at all of it nothing is gathered either.",
    }),
});
export type InvestigatorConfig = z.infer<typeof InvestigatorConfig>;

/** How much may still be done: asked fully, asked cheaply, only what is known, or nothing but that it happened. */
export const Rung = z.enum(["full", "cheap", "detect_only", "stop"]);
export type Rung = z.infer<typeof Rung>;

/** One line that the program of an investigator writes. */
export const EngineLine = z.union([
  z.strictObject({
    call: z.strictObject({ id: z.string().min(1).max(100), tool: z.string().max(64), input: z.json() }),
  }),
  z.strictObject({
    usage: z.strictObject({
      call_id: z.string().min(1).max(100),
      model: z.string().max(200),
      input_tokens: z.int().min(0).max(1e9),
      output_tokens: z.int().min(0).max(1e9),
      cost_micros: z.int().min(0).max(1e12),
    }),
  }),
  z.strictObject({ message: z.string().max(20_000) }),
]);
export type EngineLine = z.infer<typeof EngineLine>;
