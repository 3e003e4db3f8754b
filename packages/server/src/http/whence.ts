import type { Whence } from "@prunella/kernel";

const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(?:e|A|iOS)?\//, "Edge"],
  [/\b(?:OPR|Opera)\//, "Opera"],
  [/\bFirefox\/|\bFxiOS\//, "Firefox"],
  [/Chrom(?:e|ium)\/|\bCriOS\//, "Chrome"],
  [/\bSafari\//, "Safari"],
];
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/\bAndroid\b/, "Android"],
  [/\b(?:iPhone|iPad)\b/, "iOS"],
  [/\bWindows\b/, "Windows"],
  [/\bMac OS X\b/, "macOS"],
  [/\bLinux\b|\bX11\b/, "Linux"],
];

/** In two words of ours: nothing that a browser says is kept or shown. */
export function browserOf(agent: string): string {
  const head = agent.slice(0, 512);
  const word = (list: readonly (readonly [RegExp, string])[]) => list.find(([pattern]) => pattern.test(head))?.[1];
  const [browser, system] = [word(BROWSERS), word(SYSTEMS)];
  return [browser ?? "a browser", ...(system === undefined ? [] : [`on ${system}`])].join(" ");
}

export const whenceOf = (request: Request, address: string): Whence => ({
  browser: browserOf(request.headers.get("user-agent") ?? ""),
  address,
});
