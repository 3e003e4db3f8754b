import { amount, nearestAmount, readAmount, writeAmount, type Bounds, type Measure } from "./quantity.ts";

const SIZES: Measure = {
  called: "a size such as 512 B, 64 KiB, 20 MiB or 1.5 GiB",
  units: [
    ["TiB", 1_099_511_627_776],
    ["GiB", 1_073_741_824],
    ["MiB", 1_048_576],
    ["KiB", 1_024],
    ["B", 1],
  ],
  // `MB` means two things to two people, so it is not guessed but asked back.
  meant: { "": "B", bytes: "B", byte: "B", kb: "KiB", k: "KiB", mb: "MiB", m: "MiB", gb: "GiB", g: "GiB", tb: "TiB" },
  gap: " ",
  pattern: "^\\d+(\\.\\d{1,3})? ?(B|KiB|MiB|GiB|TiB)$",
  examples: ["64 KiB", "20 MiB", "1.5 GiB"],
};

/** An amount of bytes as people write it, such as `20 MiB`; bytes once it is read. */
export const size = (bounds: Bounds = {}) => amount(SIZES, "size", bounds);

/** Bytes of `20 MiB`, `1.5 GiB`, `512 B`; null for anything else. */
export const readSize = (text: string): number | null => readAmount(SIZES, text);

/** As it would be typed: `1.5 GiB`. */
export const writeSize = (bytes: number): string => writeAmount(SIZES, bytes);

/** What was most likely meant by something that is no size; null when nothing is near. */
export const nearestSize = (typed: string): string | null => nearestAmount(SIZES, typed);
