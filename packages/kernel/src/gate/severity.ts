import { Level } from "@prunella/contract";

/** The contract lists levels worst first. */
export const severity = (level: Level): number => Level.options.length - Level.options.indexOf(level);
