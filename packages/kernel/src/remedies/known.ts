import type { Fix } from "@prunella/contract";
import { z } from "zod";
import type { Remedy } from "../gate/remedy.ts";
import { clear } from "./clear/fix.ts";
import { command } from "./command/fix.ts";
import { httpCall } from "./http-call/fix.ts";
import { wake } from "./wake/fix.ts";

/** Those that act inside an envelope, beside those of providers. */
export const ENVELOPED: readonly Fix[] = [wake, clear, command, httpCall];

/** Remedies by their names, for whoever checks a trigger where no server runs. None takes arguments of a trigger. */
export const knownByName = (names: readonly string[]): ReadonlyMap<string, Pick<Remedy, "args">> =>
  new Map(names.map((name) => [name, { args: z.strictObject({}) }]));
