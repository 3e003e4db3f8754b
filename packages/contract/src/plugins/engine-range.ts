const VERSION = String.raw`(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})`;
const PART = new RegExp(`^(>=|<=|>|<|=|\\^|~)?${VERSION}$`);

type Version = readonly [number, number, number];

/** A range is comparators with a space between them, all of which hold: `>=0.1.0 <0.3.0`, `^0.1.0`. */
export const isEngineRange = (range: string): boolean => range.split(" ").every((part) => PART.test(part));

export function satisfies(version: string, range: string): boolean {
  const own = PART.exec(version);
  if (own === null) return false;
  return range.split(" ").every((part) => {
    const match = PART.exec(part);
    return match !== null && holds(numbers(own), match[1] ?? "=", numbers(match));
  });
}

const numbers = (match: RegExpExecArray): Version => [Number(match[2]), Number(match[3]), Number(match[4])];

function holds(own: Version, comparator: string, other: Version): boolean {
  const way = own[0] - other[0] || own[1] - other[1] || own[2] - other[2];
  switch (comparator) {
    case ">=":
      return way >= 0;
    case "<=":
      return way <= 0;
    case ">":
      return way > 0;
    case "<":
      return way < 0;
    case "~":
      return way >= 0 && own[0] === other[0] && own[1] === other[1];
    case "^": {
      const isSameMinor = own[1] === other[1];
      return (
        way >= 0 && own[0] === other[0] && (other[0] > 0 || (isSameMinor && (other[1] > 0 || own[2] === other[2])))
      );
    }
    default:
      return way === 0;
  }
}
