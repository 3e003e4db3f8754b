import type { Fix } from "@prunella/contract";
import { z } from "zod";
import type { Remedy } from "../gate/remedy.ts";
import { clear } from "./clear/fix.ts";
import { command } from "./command/fix.ts";
import { httpCall } from "./http-call/fix.ts";
import { RESTART, START, STOP } from "./restart/trigger.ts";
import { wake } from "./wake/fix.ts";

/** Those that act inside an envelope, beside those of providers. */
export const ENVELOPED: readonly Fix[] = [wake, clear, command, httpCall];

/** Every remedy by its name, for whoever checks a trigger where no server runs. None of them takes arguments of a trigger. */
export const knownRemedies = (fixes: readonly Fix[]): ReadonlyMap<string, Pick<Remedy, "args">> =>
  new Map(
    [RESTART, START, STOP, ...[...ENVELOPED, ...fixes].map(({ name }) => name)].map((name) => [
      name,
      { args: z.strictObject({}) },
    ]),
  );
