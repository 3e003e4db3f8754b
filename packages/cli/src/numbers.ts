import { PrunellaError } from "@prunella/contract";

/** A whole number from the command line. */
export function wholeNumber(option: string, typed: string, least: number, most: number): number {
  const value = Number(typed);
  if (!/^\d{1,15}$/.test(typed.trim()) || value < least || value > most) {
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: `${option} ${typed} is not a whole number from ${least} to ${most}.`,
    });
  }
  return value;
}
