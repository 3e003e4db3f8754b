import { createCheckIns } from "./check-in.ts";
import { createHear, type HearDeps } from "./hear.ts";
import type { Calendar } from "../ports.ts";

/** What doors reach of heartbeats: signs of life by key, and check-ins of SDKs by project. */
export function createHearing(deps: HearDeps & { readonly calendar: Calendar }) {
  const { hear, hearOf } = createHear(deps);
  const isClean = (text: string) => deps.scrubText(text).text.value === text;
  return { hear, checkIn: createCheckIns({ ...deps, hearOf, isClean }) };
}
