import { PrunellaError, type ScrubConfig } from "@prunella/contract";
import { createScrubber, tryRules, type Scrubber } from "@prunella/scrub";

/**
 * The scrubber that this installation's policy asks for; null when it asks for nothing of its own.
 * Throws PRUNELLA_CONFIG_INVALID naming the file and the rule, key or field that is wrong.
 */
export function openScrubber(
  { rules, drop_keys: dropKeys, never_keep: neverKeep }: ScrubConfig,
  configPath: string | null,
): Scrubber | null {
  if (rules.length + dropKeys.length + neverKeep.length === 0) return null;
  try {
    const scrubber = createScrubber({ rules, dropKeys, neverKeep });
    const failed = tryRules(rules).find(({ passed }) => !passed);
    if (failed) {
      // Which one, not what it says: an example may be a secret.
      const rule = rules.find(({ name }) => name === failed.rule);
      const texts = (failed.kind === "example" ? rule?.examples : rule?.negatives) ?? [];
      const what = failed.kind === "example" ? "is left as it is" : "is changed";
      throw new Error(`rule "${failed.rule}": its ${failed.kind} ${texts.indexOf(failed.text) + 1} ${what}`);
    }
    return scrubber;
  } catch (cause) {
    throw new PrunellaError("PRUNELLA_CONFIG_INVALID", {
      detail: `${configPath === null ? "" : `${configPath}: `}scrub: ${cause instanceof Error ? cause.message : "not valid"}.`,
      hint: "Try rules with `prunella scrub test --help` before they go into the configuration.",
      cause,
    });
  }
}
