import type { Clock, Rng } from "./ports.ts";

export type NewId = () => string;

/**
 * UUIDv7 (RFC 9562, section 5.7; method 1 of 6.2: the 12 bits after the time count up within one
 * millisecond), so ids made by one process sort in the order they were made.
 */
export function createIds(clock: Clock, rng: Rng): NewId {
  let lastMs = 0;
  let counter = 0;
  return () => {
    const now = clock.now();
    if (now > lastMs) {
      lastMs = now;
      counter = ((rng.bytes(1)[0] ?? 0) << 2) | 0; // starts low, so one millisecond has room for 3,000 ids
    } else if (++counter > 0xfff) {
      lastMs += 1;
      counter = 0;
    }
    const random = rng.bytes(8);
    const variant = ((random[0] ?? 0) & 0x3f) | 0x80;
    const tail = [variant, ...random.subarray(1)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    const time = lastMs.toString(16).padStart(12, "0");
    return `${time.slice(0, 8)}-${time.slice(8)}-7${counter.toString(16).padStart(3, "0")}-${tail.slice(0, 4)}-${tail.slice(4)}`;
  };
}
