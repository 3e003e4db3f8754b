/** One after the other is out, somewhere in the house. */
export const LAMPS = ["hall", "attic", "porch", "cellar"] as const;
