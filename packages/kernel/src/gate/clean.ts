import { PrunellaError, type Args } from "@prunella/contract";

/** What would be changed on its way to the database could not be compared with what was permitted. */
export function assertClean(args: Args, isClean: (text: string) => boolean): void {
  for (const [name, value] of Object.entries(args))
    if (typeof value === "string" && !isClean(value))
      throw new PrunellaError("PRUNELLA_UNSCRUBBED", {
        detail: `The argument ${name} holds something that the scrubber takes out.`,
        hint: "Name where the secret is kept, not the secret.",
      });
}
