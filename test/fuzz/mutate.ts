import { parsed } from "./target.ts";

/** A number in [0, 1). */
export type Random = () => number;

const LONGEST = 16_384;
const BYTES = [0, 9, 10, 13, 27, 32, 34, 37, 39, 44, 47, 58, 61, 91, 92, 93, 123, 125, 127, 128, 0xc3, 0xe2, 0xff];
const VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  2 ** 53,
  "",
  "x",
  [],
  {},
  [[]],
  "\ud800",
  "\u0000",
  "9".repeat(40),
];

/** One input made of another, by one to six small steps; `other` lends it a piece. */
export function mutate(from: Buffer, other: Buffer, words: readonly string[], random: Random): Buffer {
  const below = (limit: number): number => Math.floor(random() * limit);
  let bytes = random() < 0.3 ? (reshaped(from, below) ?? from) : from;
  for (let step = below(6); step >= 0; step--) bytes = oneOf(STEPS, below)?.(bytes, other, words, below) ?? bytes;
  return bytes.length > LONGEST ? bytes.subarray(0, LONGEST) : bytes;
}

type Step = (bytes: Buffer, other: Buffer, words: readonly string[], below: (limit: number) => number) => Buffer;

const STEPS: readonly Step[] = [
  (bytes, _, __, below) => put(bytes, below(bytes.length + 1), 1, Buffer.of(below(256))),
  (bytes, _, __, below) => put(bytes, below(bytes.length + 1), below(2), Buffer.of(oneOf(BYTES, below) ?? 0)),
  (bytes, _, __, below) => put(bytes, below(bytes.length + 1), below(1 + Math.min(64, bytes.length)), Buffer.of()),
  // A piece again, elsewhere or many times.
  (bytes, _, __, below) => {
    const at = below(bytes.length + 1);
    const piece = bytes.subarray(at, at + 1 + below(48));
    const times = below(8) === 0 ? 1 + below(200) : 1;
    return put(bytes, below(bytes.length + 1), 0, Buffer.concat(Array.from({ length: times }, () => piece)));
  },
  (bytes, other, _, below) => {
    const at = below(other.length + 1);
    return put(bytes, below(bytes.length + 1), below(32), other.subarray(at, at + below(256)));
  },
  (bytes, _, words, below) =>
    words.length === 0
      ? bytes
      : put(bytes, below(bytes.length + 1), below(2) * below(8), Buffer.from(oneOf(words, below) ?? "")),
  // Numbers grow, shrink and change their sign.
  (bytes, _, __, below) => {
    const text = bytes.toString("latin1");
    const numbers = [...text.matchAll(/\d+/g)];
    const one = numbers[below(numbers.length)];
    const values = ["0", "-1", "4294967296", "9007199254740993", "1e999", "00"];
    return one === undefined ? bytes : put(bytes, one.index, one[0].length, Buffer.from(oneOf(values, below) ?? ""));
  },
];

function oneOf<T>(list: readonly T[], below: (limit: number) => number): T | undefined {
  return list[below(list.length)];
}

function put(bytes: Buffer, at: number, removed: number, added: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at + removed)]);
}

/** JSON with one of its values changed, moved or repeated; null where it is no JSON. */
function reshaped(bytes: Buffer, below: (limit: number) => number): Buffer | null {
  if (bytes.length > LONGEST) return null;
  const root = parsed(bytes);
  const places: { readonly of: object; readonly key: string }[] = [];
  const walk = (value: unknown, depth: number): void => {
    if (typeof value !== "object" || value === null || depth > 40) return;
    for (const key of Object.keys(value)) {
      places.push({ of: value, key });
      walk(Reflect.get(value, key), depth + 1);
    }
  };
  walk(root, 0);
  const place = places[below(places.length)];
  const source = places[below(places.length)];
  if (place === undefined || source === undefined) return null;
  const kind = below(4);
  if (kind === 0) Reflect.deleteProperty(place.of, place.key);
  else if (kind === 1) Reflect.set(place.of, place.key, structuredClone(Reflect.get(source.of, source.key)));
  else if (kind === 2) Reflect.set(place.of, place.key, VALUES[below(VALUES.length)]);
  else Reflect.set(place.of, source.key, VALUES[below(VALUES.length)]);
  return Buffer.from(JSON.stringify(root));
}
