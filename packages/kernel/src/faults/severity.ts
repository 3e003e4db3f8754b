import { Level } from "@prunella/contract";

/** The levels from the least to the most severe. */
const ASCENDING: readonly Level[] = Level.options.toReversed();

/** 0 for debug up to 4 for fatal. */
export const severity = (level: Level): number => ASCENDING.indexOf(level);
