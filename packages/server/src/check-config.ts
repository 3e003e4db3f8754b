import { PrunellaError } from "@prunella/contract";
import { assertSchedule, checkProbes } from "@prunella/kernel";
import { scrubText } from "@prunella/scrub";
import { readKeys } from "./checkpoints/keys.ts";
import type { LoadedConfig } from "./config.ts";
import { examineTriggers } from "./idle-triggers.ts";
import { createCalendar } from "./platform/calendar.ts";
import { PROBES } from "./probes/kinds.ts";
import { openScrubber } from "./scrub-policy.ts";

type Read = Pick<LoadedConfig, "config" | "place">;

/**
 * Throws PRUNELLA_CONFIG_INVALID with everything in a file that a start refuses though its shape is right: rules
 * of the scrubber, keys of witnesses, probes, heartbeats, triggers. Secrets are not asked for: they may be there at the start alone.
 */
export function assertStarts(loaded: Read): void {
  const mistakes = [...mistakesOfRest(loaded), ...mistakesInWatches(loaded)];
  if (mistakes.length > 0) throw new PrunellaError("PRUNELLA_CONFIG_INVALID", { detail: mistakes.join("\n") });
}

/** Those of what waits for a restart. */
export function mistakesOfRest({ config, place }: Read): string[] {
  const file = place([]);
  return [
    ...toldBy(() => openScrubber(config.scrub, file)),
    ...toldBy(() => readKeys(config)).map((why) => `${file}: ${why}`),
  ];
}

function mistakesInWatches({ config, place }: Read): string[] {
  const calendar = createCalendar();
  // When its own rules are wrong, that is told already.
  const isOwn = toldBy(() => openScrubber(config.scrub, null)).length === 0;
  const scrub = (isOwn ? openScrubber(config.scrub, null)?.scrubText : null) ?? scrubText;
  const told = [
    ...toldBy(() => checkProbes(config.probes, PROBES, scrub)),
    ...config.heartbeats.flatMap((each, at) =>
      toldBy(() => assertSchedule(calendar, each, `heartbeats.${at} (${each.name})`)),
    ),
  ].flatMap((each) => each.split("\n").map((why) => `${place(atOf(why))}: ${why}`));
  const triggers = examineTriggers({ config, place }, scrub).filter(({ kind }) => kind === "mistake");
  return [...told, ...triggers.map((found) => `${found.place}: ${found.why}`)];
}

/** `probes.0 (shop).settings.url: …` stands at probes, 0, settings, url. */
const atOf = (why: string): PropertyKey[] =>
  (/^[^:]*/.exec(why)?.[0] ?? "")
    .replace(/ \([^)]*\)/, "")
    .split(".")
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));

function toldBy(look: () => unknown): string[] {
  try {
    look();
    return [];
  } catch (error) {
    if (!(error instanceof PrunellaError) || error.code !== "PRUNELLA_CONFIG_INVALID") throw error;
    return [error.detail ?? error.message];
  }
}
