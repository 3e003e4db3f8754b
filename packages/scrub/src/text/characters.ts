/** True when no word runs into `at`: the start, a separator, or an escape (`%3D`, `\n`). */
export function startsWord(text: string, at: number, lo: number): boolean {
  if (at <= lo) return true;
  if (!isAlnum(text.charCodeAt(at - 1))) return true;
  if (at - 2 >= lo && text.charCodeAt(at - 2) === 92 && "nrt".includes(text[at - 1]!)) return true;
  return (
    at - 3 >= lo && text.charCodeAt(at - 3) === 37 && isHex(text.charCodeAt(at - 2)) && isHex(text.charCodeAt(at - 1))
  );
}

export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

export function isAlpha(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90);
}

export function isAlnum(code: number): boolean {
  return isDigit(code) || isAlpha(code);
}

export function isHex(code: number): boolean {
  return isDigit(code) || (code >= 97 && code <= 102) || (code >= 65 && code <= 70);
}

/** Base64, base64url and what token families put between: `A-Za-z0-9_-+/=.` */
export function isTokenChar(code: number): boolean {
  return isAlnum(code) || code === 95 || code === 45 || code === 43 || code === 47 || code === 61 || code === 46;
}

/** True when a digit stands within so many characters. */
export function hasDigitWithin(text: string, at: number, most: number): boolean {
  const limit = Math.min(text.length, at + most);
  for (let i = at; i < limit; i++) {
    const code = text.charCodeAt(i);
    if (code >= 48 && code <= 57) return true;
  }
  return false;
}
