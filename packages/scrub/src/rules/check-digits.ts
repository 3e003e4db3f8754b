import { isDigit } from "../text/characters.ts";

/** The arithmetic by which numbers are told from other numbers. Each gets letters and digits without marks between them. */

/** ISO/IEC 7812: payment cards, and the numbers of Canada, Sweden and South Africa. */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = digits.length - 1, twice = false; i >= 0; i--, twice = !twice) {
    const digit = digits.charCodeAt(i) - 48;
    sum += twice ? (digit > 4 ? digit * 2 - 9 : digit * 2) : digit;
  }
  return sum % 10 === 0;
}

/** The sum of the characters by their weights. A letter of Brazil's CNPJ counts by its place in ASCII, as its digits do. */
export function weighted(value: string, weights: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += (value.charCodeAt(i) - 48) * weights[i]!;
  return sum;
}

/** ISO 7064, mod 11,10: Germany's tax number. */
export function passesMod1110(digits: string): boolean {
  let rest = 10;
  for (let i = 0; i < digits.length - 1; i++) {
    const sum = (digits.charCodeAt(i) - 48 + rest) % 10;
    rest = ((sum === 0 ? 10 : sum) * 2) % 11;
  }
  return (11 - rest) % 10 === digits.charCodeAt(digits.length - 1) - 48;
}

const TURN = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];

/** Verhoeff's scheme over the group of the pentagon's turns: India's Aadhaar. */
export function passesVerhoeff(digits: string): boolean {
  let sum = 0;
  for (let place = 0; place < digits.length; place++) {
    let digit = digits.charCodeAt(digits.length - 1 - place) - 48;
    for (let i = place % 8; i > 0; i--) digit = TURN[digit]!;
    const turned = sum > 4;
    sum = turned
      ? digit > 4
        ? (sum - digit + 5) % 5
        : 5 + ((sum - 5 - digit + 10) % 5)
      : digit > 4
        ? 5 + ((sum + digit) % 5)
        : (sum + digit) % 5;
  }
  return sum === 0;
}

/** Six digits that are a day: `order` says where year, month and day stand. */
export function isDay(digits: string, order: "ymd" | "dmy"): boolean {
  const month = Number(digits.slice(2, 4));
  const day = Number(order === "ymd" ? digits.slice(4, 6) : digits.slice(0, 2));
  return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/** What stands between the groups of a number goes. */
export function compactOf(text: string): string {
  let compact = "";
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (isDigit(code) || (code >= 65 && code <= 90)) compact += text[i]!;
    else if (code >= 97 && code <= 122) compact += text[i]!.toUpperCase();
  }
  return compact;
}
