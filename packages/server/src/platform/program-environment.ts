/**
 * What of our own environment a program gets. `listed`: what programs need to find themselves, and
 * nothing that this server was given for itself. `all`: everything but our own secrets.
 */
export type Inherits = "listed" | "all";

const LISTED = new Set(["PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "USER", "LOGNAME", "TMPDIR", "SYSTEMROOT"]);
/** Ours, and harmless: consent and the like go to programs that embed the client. */
const HARMLESS = new Set(["PRUNELLA_TELEMETRY", "PRUNELLA_AIR_GAP", "PRUNELLA_DEBUG"]);

export function inheritedEnvironment(
  inherits: Inherits,
  ours: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(ours).filter(([name]) => {
      const known = name.toUpperCase();
      if (known.startsWith("PRUNELLA_")) return HARMLESS.has(known);
      return inherits === "all" || LISTED.has(known);
    }),
  );
}
