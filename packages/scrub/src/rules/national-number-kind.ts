/** A number by which a state knows a person. */
export type NationalNumber = {
  readonly country: string;
  /** What stands in front of it, in lower case, between bars. Only with one of them a number is one; see `bare`. */
  readonly words: string;
  /** Letters and digits; single marks may stand between them. */
  readonly shape: string;
  /** What the state's own arithmetic says, of the number without marks. */
  readonly isValid: (compact: string) => boolean;
  /** Written so, nothing else looks like it, so no word is asked for. Keywords are folded: `0` is any digit. */
  readonly bare?: {
    readonly shape: string;
    readonly keywords: readonly string[];
    /** What stands right behind the keyword: most runs of digits end here. */
    readonly guard?: RegExp;
    /** Made up, put together at run time. */
    readonly example: () => string;
  };
};

/** So many digits, with single marks between them. */
export const digits = (count: number): string => `\\d(?:[ ./-]?\\d){${count - 1}}`;
export const at = (value: string, index: number): number => value.charCodeAt(index) - 48;

/** Words for the number of any country; each number is then told by its arithmetic alone. */
export const ANY =
  "national id|national_id|nationalid|tax id|tax_id|taxid|taxpayer|tax number|tax_number|identity number|identity_number|identitynumber";

export function isOneDigit(value: string): boolean {
  return /^(\d)\1*$/.test(value);
}
