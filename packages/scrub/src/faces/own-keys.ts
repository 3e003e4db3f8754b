/** Objects that are not ours: their keys may be any text. */

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Also for `__proto__`: an own property is made, the prototype is never touched. */
export function setOwn(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key === "__proto__")
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  else object[key] = value;
}

export function rename(object: Record<string, unknown>, names: ReadonlyMap<string, string>): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const key of Object.keys(object)) {
    const wanted = names.get(key) ?? key;
    let name = wanted;
    // Two keys that held two addresses now have one name.
    for (let n = 2; Object.hasOwn(out, name) || (name !== key && Object.hasOwn(object, name)); n++)
      name = `${wanted} (${n})`;
    setOwn(out, name, object[key]);
  }
  return out;
}
