/** For tests: a document that is whole, made wrong in every way that somebody writes one. */

export type Path = readonly (string | number)[];

export interface Malformed {
  readonly name: string;
  /** Where it is wrong, with a dot between the parts. */
  readonly path: string;
  /** The key that was meant; null: it is a value that is wrong. */
  readonly near: string | null;
  readonly value: unknown;
}

/**
 * A wrong value of every kind at every place, and every key misspelt. `isFree`: names there are people's, so any word
 * may stand there; `fits`: values that are right at a place, whatever they look like.
 */
export function malformed(
  good: unknown,
  isFree: (path: Path) => boolean,
  fits: (path: Path, value: unknown) => boolean = () => false,
): Malformed[] {
  return pathsOf(good).flatMap((path) => {
    const name = path.join(".");
    const key = path.at(-1);
    const wrong = [null, true, -1, 1.5, "\u0000", [[]], { nothing: 1 }]
      .filter((value) => typeof value !== typeof at(good, path) || value === "\u0000" || value === -1)
      .filter((value) => !fits(path, value))
      .map((value) => ({
        name: `${name} = ${JSON.stringify(value)}`,
        path: name,
        near: null,
        value: changed(good, path, (holder) => Reflect.set(holder, key ?? "", value)),
      }));
    const misspelt =
      typeof key === "string" && !isFree(path) && key.length > 3
        ? [
            {
              name: `${name} misspelt`,
              path: [...path.slice(0, -1), `${key}x`].join("."),
              near: key,
              value: changed(good, path, (holder) => {
                Reflect.set(holder, `${key}x`, Reflect.get(holder, key));
                Reflect.deleteProperty(holder, key);
              }),
            },
          ]
        : [];
    return [...wrong, ...misspelt];
  });
}

interface Told {
  readonly file: string;
  readonly path: string;
  readonly expected: string;
  readonly nearest: string | null;
}

/** Those of which somebody would not know where they stand, what was expected there, or what was meant. */
export const unclear = (all: readonly Malformed[], file: string, problemsOf: (value: unknown) => readonly Told[]) =>
  all
    .filter(({ path, near, value }) => {
      const problems = problemsOf(value);
      const isPlaced = problems.some(
        (one) => one.path === path || one.path.startsWith(`${path}.`) || path.startsWith(`${one.path}.`),
      );
      const isSaid = problems.every(
        (one) => one.file === file && one.expected.length > 3 && !/invalid|undefined|\[object/i.test(one.expected),
      );
      return !isPlaced || !isSaid || (near !== null && !problems.some((one) => one.nearest === near));
    })
    .map(({ name, value }) => [name, problemsOf(value)]);

const at = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (found, key) => (typeof found === "object" && found !== null ? Reflect.get(found, key) : undefined),
    value,
  );

/** A copy in which `change` was done to what holds the last part of the path. */
function changed(good: unknown, path: Path, change: (holder: object, key: string | number) => void): unknown {
  const copy: unknown = structuredClone(good);
  const holder = at(copy, path.slice(0, -1));
  const key = path.at(-1);
  if (typeof holder === "object" && holder !== null && key !== undefined) change(holder, key);
  return copy;
}

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [path];
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return [
    ...(path.length === 0 ? [] : [path]),
    ...keys.flatMap((key) => pathsOf(Reflect.get(value, key), [...path, key])),
  ];
}
