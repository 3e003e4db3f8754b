/** `T` with every property and element read-only, all the way down. */
export type DeepReadonly<T> = T extends readonly (infer U)[]
  ? readonly DeepReadonly<U>[]
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T;

const KEY = Symbol("scrub");
/** Values that were wrapped, while someone holds them. They are frozen, so what is in here stays clean. */
const CLEAN = new WeakSet<object>();

/**
 * A value that went through the scrubber. The private field is the proof: an object of the same
 * shape, one with a borrowed prototype, or a subclass cannot carry it, because the constructor
 * wants a key that never leaves this package. Values are deep-frozen by whoever wraps them.
 */
export class Scrubbed<T> {
  readonly #value: DeepReadonly<T>;

  constructor(key: symbol, value: DeepReadonly<T>) {
    if (key !== KEY) throw new TypeError("Only the scrubber makes Scrubbed values.");
    this.#value = value;
    if (typeof value === "object" && value !== null) CLEAN.add(value);
    Object.freeze(this);
  }

  get value(): DeepReadonly<T> {
    return this.#value;
  }

  static is(x: unknown): x is Scrubbed<unknown> {
    return typeof x === "object" && x !== null && #value in x;
  }
}
// Nobody may swap the getter that hands out the value, nor the check.
Object.freeze(Scrubbed.prototype);
Object.freeze(Scrubbed);

/** True for the very value that a `Scrubbed` holds, so that nobody needs to scrub it again. For this package only. */
export function isClean(value: object): boolean {
  return CLEAN.has(value);
}

/** For this package only (`index.ts` does not list it). The value must be scrubbed and frozen. */
export function markScrubbed<T>(value: DeepReadonly<T>): Scrubbed<T> {
  return new Scrubbed<T>(KEY, value);
}
