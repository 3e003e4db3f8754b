/** Text as a value, or undefined when it is not JSON: a schema says the rest. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
