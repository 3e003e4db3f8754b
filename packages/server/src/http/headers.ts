import type { ServerResponse } from "node:http";

/** Answers that are no page show nothing, run nothing and stand in nobody's frame; pages say what they may. */
const ALWAYS: Readonly<Record<string, string>> = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
};
const TWO_YEARS_S = 63_072_000;

/** What every answer carries, whoever gives it: before any door, handler or error. */
export function createHeaders(publicUrl: string | null): (response: ServerResponse) => void {
  // Said over plain HTTP it would mean nothing, and a loopback name has no TLS to insist on.
  const isSecure = publicUrl !== null && new URL(publicUrl).protocol === "https:";
  const given = { ...ALWAYS, ...(isSecure ? { "strict-transport-security": `max-age=${TWO_YEARS_S}` } : {}) };
  return (response) => {
    for (const [name, value] of Object.entries(given)) response.setHeader(name, value);
  };
}
