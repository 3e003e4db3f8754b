import type { Field, Fields } from "@prunella/contract/plugins";
import { z } from "zod";

/** More is no command that anybody types. */
const MAX_DEPTH = 8;
const MAX_PRESET = 1_000;

/** Says where in a schema something stands that cannot be shown as an option, and what could. */
export class SchemaError extends Error {
  override readonly name = "SchemaError";
  readonly path: string;

  constructor(path: string, expected: string) {
    super(expected);
    this.path = path;
  }
}

const Schema = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  description: z.string().optional(),
  $ref: z.string().optional(),
});
type Schema = z.infer<typeof Schema>;
const Strings = z.array(z.string());
const Properties = z.record(z.string(), z.unknown());

/** One line of what somebody wrote for people; null when nothing of it is left. */
export function textOf(written: string, most: number): string | null {
  const line = written
    .replaceAll(/[\s\p{Cc}\u200b-\u200f\u2028-\u202e\u2060-\u206f]+/gu, " ")
    .trim()
    .slice(0, most)
    .replace(/[\ud800-\udbff]$/, "")
    .trim();
  return line === "" ? null : line;
}

/**
 * A tool's input as a command takes it: the types that can be checked and typed, with what they are for. What else a
 * schema demands stays with the server, which looks at it itself.
 * @throws SchemaError where a value has no type that an option could have
 */
export function fieldsOf(schema: unknown): Fields {
  const root = read(schema, "");
  const { type: _type, ...shape } = shapeOf(root, root, "", 0);
  return shape;
}

function read(schema: unknown, path: string): Schema {
  const found = Schema.safeParse(schema);
  if (!found.success) throw new SchemaError(path, "a schema");
  return found.data;
}

function shapeOf(schema: Schema, root: Schema, path: string, depth: number): Extract<Field, { type: "object" }> {
  const properties = Properties.safeParse(schema["properties"] ?? {});
  const required = Strings.safeParse(schema["required"] ?? []);
  if (!properties.success) throw new SchemaError(path, "properties by name");
  return {
    type: "object",
    properties: Object.fromEntries(
      Object.entries(properties.data).map(([name, one]) => [name, fieldOf(one, root, `${path}.${name}`, depth + 1)]),
    ),
    required: required.success ? required.data : [],
  };
}

function fieldOf(given: unknown, root: Schema, path: string, depth: number): Field {
  if (depth > MAX_DEPTH) throw new SchemaError(path, `at most ${MAX_DEPTH} levels`);
  const schema = plain(read(given, path), root, path);
  const description = textOf(schema.description ?? "", 500);
  const words = description === null ? {} : { description };
  const [type] = [schema.type].flat().filter((one) => one !== "null");
  const preset = schema["default"];
  switch (type) {
    case "string": {
      const options = Strings.safeParse(schema["enum"]);
      const isShown = options.success && options.data.every((one) => textOf(one, 200) === one);
      return {
        type,
        ...words,
        ...(isShown && options.data.length > 0 ? { enum: options.data } : {}),
        ...(typeof preset === "string" && preset.length <= MAX_PRESET ? { default: preset } : {}),
      };
    }
    case "integer":
    case "number":
      return {
        type,
        ...words,
        ...bound("minimum", schema["minimum"]),
        ...bound("maximum", schema["maximum"]),
        ...(typeof preset === "number" ? { default: preset } : {}),
      };
    case "boolean":
      return { type, ...words, ...(typeof preset === "boolean" ? { default: preset } : {}) };
    case "array":
      return { type, ...words, items: fieldOf(schema["items"] ?? {}, root, `${path}[]`, depth + 1) };
    case "object":
      if (schema["properties"] === undefined) throw new SchemaError(path, "an object whose properties are named");
      return { ...shapeOf(schema, root, path, depth), ...words };
    default:
      throw new SchemaError(path, "one type: string, integer, number, boolean, array or object");
  }
}

const bound = (name: "minimum" | "maximum", value: unknown): object =>
  typeof value === "number" ? { [name]: value } : {};

/** A value that may be absent or null is one that need not be given; a part that is named elsewhere stands there. */
function plain(schema: Schema, root: Schema, path: string, hops = 0): Schema {
  if (hops > MAX_DEPTH) throw new SchemaError(path, "a part that does not name itself");
  const one = z.array(Schema).safeParse(schema["anyOf"] ?? schema["oneOf"] ?? schema["allOf"]);
  if (one.success) {
    const [first, ...others] = one.data.filter(({ type }) => type !== "null");
    if (first === undefined || others.length > 0) throw new SchemaError(path, "one type and not several");
    return plain({ ...first, ...without(schema) }, root, path, hops + 1);
  }
  if (schema.$ref === undefined) return schema;
  const [, place = "", name = ""] = /^#\/(\$defs|definitions)\/([^/]+)$/.exec(schema.$ref) ?? [];
  const named = Properties.safeParse(root[place]);
  const found = named.success && Object.hasOwn(named.data, name) ? named.data[name] : undefined;
  if (found === undefined) throw new SchemaError(path, "a part of the same schema: #/$defs/NAME");
  const { $ref: _ref, ...rest } = schema;
  return plain({ ...read(found, path), ...rest }, root, path, hops + 1);
}

function without({ anyOf: _any, oneOf: _one, allOf: _all, ...rest }: Schema): Schema {
  return rest;
}
