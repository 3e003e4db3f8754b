/** A JSON object: the only shape that has keys to read. Arrays are not records. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** JSON text as a record, or null when it is not JSON or not an object. Non-UTF-8 bytes become U+FFFD. */
export function parseRecord(bytes: Buffer): Readonly<Record<string, unknown>> | null {
  const value = parseJson(bytes);
  return isRecord(value) ? value : null;
}

/** JSON text as a value, or undefined when it is not JSON. */
export function parseJson(bytes: Buffer): unknown {
  return parseText(bytes.toString("utf8", textStart(bytes)));
}

/** Where the text begins: SDKs on Windows have been seen to send a byte order mark. */
export function textStart(bytes: Buffer): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

/** As `parseJson`. V8 parses without recursion: depth is no danger here. */
export function parseText(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return parseLoose(text);
  }
}

/** Python's `json` writes these bare, which is no JSON. One odd number must not cost the whole event. */
const ODD_NUMBERS = /"[^"\\]*(?:\\[^][^"\\]*)*"|-?\b(?:NaN|Infinity)\b/g;

function parseLoose(text: string): unknown {
  if (!text.includes("NaN") && !text.includes("Infinity")) return undefined;
  try {
    const value: unknown = JSON.parse(text.replace(ODD_NUMBERS, (found) => (found.startsWith('"') ? found : "null")));
    return value;
  } catch {
    return undefined;
  }
}
