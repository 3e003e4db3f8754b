import { Credential } from "@prunella/contract";
import type { Scrubber } from "@prunella/scrub";

/**
 * Settings as they are written down and shown. A look uses those of the configuration, which stay in memory:
 * people write a password into an address or after `--password`, and that would stand in every backup. The name
 * of a credential, such as `env:FLY_API_TOKEN`, is no secret and stays.
 */
export function shownSettings(
  settings: Readonly<Record<string, unknown>>,
  { scrubText, scrubJson }: Pick<Scrubber, "scrubText" | "scrubJson">,
): Record<string, unknown> {
  const shown = (name: string, value: unknown): unknown => {
    if (Credential.safeParse(value).success) return scrubText(String(value)).text.value;
    if (Array.isArray(value) && value.every((part) => typeof part === "string")) {
      // A secret among arguments is known by the one before it.
      const line = value.join(" ");
      const safe = scrubText(line).text.value;
      if (safe !== line) return [safe];
    }
    const { value: safe } = scrubJson({ [name]: value });
    const whole: unknown = safe.value;
    return typeof whole === "object" && whole !== null ? Reflect.get(whole, name) : null;
  };
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, shown(name, value)]));
}
