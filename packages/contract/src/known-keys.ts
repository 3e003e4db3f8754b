import { z } from "zod";

/** The keys that may stand at a place of a document, by its schema: for whoever wrote another one. */
export function knownKeys(of: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  const whole = z.toJSONSchema(of, { io: "input" });
  // Parts may stand in each other, so a schema may refer to itself.
  const meant = (schema: object | null): object | null => {
    const name: unknown = schema === null ? null : Reflect.get(schema, "$ref");
    return typeof name === "string" ? within(within(whole, "$defs"), name.replace("#/$defs/", "")) : schema;
  };
  let schema: object | null = whole;
  for (const part of path)
    schema = meant(
      typeof part === "number"
        ? within(schema, "items")
        : (within(within(schema, "properties"), String(part)) ?? within(schema, "additionalProperties")),
    );
  // Of a thing that has several forms, the keys of them all.
  const forms: unknown[] = ["anyOf", "oneOf"].flatMap((name) => Object.values(within(schema, name) ?? {}));
  return [...new Set([schema, ...forms].flatMap((form) => Object.keys(within(form, "properties") ?? {})))];
}

function within(schema: unknown, key: string): object | null {
  const found: unknown = typeof schema === "object" && schema !== null ? Reflect.get(schema, key) : null;
  return typeof found === "object" ? found : null;
}
