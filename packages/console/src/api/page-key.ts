/**
 * What signing in gave to this page. It stands in the storage of this origin, which another port of the
 * same host cannot read, and goes with every call beside the cookie.
 */
const NAME = "prunella.page-key";

export const keepPageKey = (key: string): void => localStorage.setItem(NAME, key);
export const forgetPageKey = (): void => localStorage.removeItem(NAME);

export function pageHeaders(): Record<string, string> {
  const key = localStorage.getItem(NAME);
  return key === null ? {} : { "x-prunella-page": key };
}
