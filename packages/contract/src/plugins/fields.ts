import { z } from "zod";
import { line } from "./names.ts";

const words = { description: line(500).optional() };

/** One thing that a command takes or gives: the part of JSON Schema that can be checked and shown as an option. */
export type Field =
  | {
      type: "string";
      description?: string | undefined;
      enum?: string[] | undefined;
      maxLength?: number | undefined;
      default?: string | undefined;
    }
  | {
      type: "integer" | "number";
      description?: string | undefined;
      minimum?: number | undefined;
      maximum?: number | undefined;
      default?: number | undefined;
    }
  | { type: "boolean"; description?: string | undefined; default?: boolean | undefined }
  | { type: "array"; description?: string | undefined; items: Field; maxItems?: number | undefined }
  | ({ type: "object"; description?: string | undefined } & Shape);

export interface Shape {
  properties?: Record<string, Field> | undefined;
  required?: string[] | undefined;
}

const FieldName = z
  .string()
  .regex(/^[a-z][A-Za-z0-9_]{0,47}$/, "a field's name is 1 to 48 of A-Z, a-z, 0-9 and _, beginning with a-z");
const shape = {
  properties: z
    .record(
      FieldName,
      z.lazy((): z.ZodType<Field> => Field),
    )
    .optional(),
  required: z.array(FieldName).max(64).optional(),
};
const isNamed = ({ properties = {}, required = [] }: Shape): boolean =>
  required.every((name) => Object.hasOwn(properties, name));

export const Field: z.ZodType<Field> = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("string"),
    ...words,
    enum: z.array(line(200)).min(1).max(200).optional(),
    maxLength: z.int().min(0).max(1_000_000).optional(),
    default: z.string().max(1_000).optional(),
  }),
  z.strictObject({
    type: z.enum(["integer", "number"]),
    ...words,
    minimum: z.number().optional(),
    maximum: z.number().optional(),
    default: z.number().optional(),
  }),
  z.strictObject({ type: z.literal("boolean"), ...words, default: z.boolean().optional() }),
  z.strictObject({
    type: z.literal("array"),
    ...words,
    items: z.lazy(() => Field),
    maxItems: z.int().min(0).max(10_000).optional(),
  }),
  z
    .strictObject({ type: z.literal("object"), ...words, ...shape })
    .refine(isNamed, { path: ["required"], message: "names a field that properties does not have" }),
]);

/** What a command takes, by name. `{}`: nothing. */
export const Fields = z
  .strictObject({ type: z.literal("object").optional(), ...shape })
  .refine(isNamed, { path: ["required"], message: "names a field that properties does not have" });
export type Fields = z.infer<typeof Fields>;

/** Whatever JSON can say. */
export const Json = z.json();

export interface Misfit {
  /** `issue.title`; empty: the whole. */
  readonly path: string;
  readonly expected: string;
}

/** What of a value does not fit; defaults are not filled in. */
export function misfits(fields: Shape, value: unknown, path = ""): Misfit[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [{ path, expected: "an object" }];
  const { properties = {}, required = [] } = fields;
  const at = (name: string) => (path === "" ? name : `${path}.${name}`);
  const given = new Map<string, unknown>(Object.entries(value));
  return [
    ...required
      .filter((name) => !given.has(name))
      .map((name) => ({ path: at(name), expected: "a value; it is required" })),
    ...[...given].flatMap(([name, one]) => {
      const field = Object.hasOwn(properties, name) ? properties[name] : undefined;
      return field ? misfit(field, one, at(name)) : [{ path: at(name), expected: "nothing: there is no such field" }];
    }),
  ];
}

function misfit(field: Field, value: unknown, path: string): Misfit[] {
  const no = (expected: string): Misfit[] => [{ path, expected }];
  switch (field.type) {
    case "object":
      return misfits(field, value, path);
    case "array": {
      if (!Array.isArray(value)) return no("a list");
      if (field.maxItems !== undefined && value.length > field.maxItems) return no(`at most ${field.maxItems} of them`);
      return value.flatMap((one: unknown, nth) => misfit(field.items, one, `${path}.${nth}`));
    }
    case "boolean":
      return typeof value === "boolean" ? [] : no("true or false");
    case "string":
      if (typeof value !== "string") return no("text");
      if (field.enum && !field.enum.includes(value)) return no(`one of ${field.enum.join(", ")}`);
      return value.length > (field.maxLength ?? Infinity) ? no(`at most ${field.maxLength} characters`) : [];
    case "integer":
    case "number":
      if (typeof value !== "number" || !Number.isFinite(value)) return no("a number");
      if (field.type === "integer" && !Number.isInteger(value)) return no("a whole number");
      if (value < (field.minimum ?? -Infinity)) return no(`at least ${field.minimum}`);
      return value > (field.maximum ?? Infinity) ? no(`at most ${field.maximum}`) : [];
  }
}

/** The value with the defaults of its fields where it says nothing. */
export function withDefaults(fields: Shape, value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const defaults = Object.entries(fields.properties ?? {}).flatMap(([name, field]) =>
    "default" in field && field.default !== undefined ? [[name, field.default] as const] : [],
  );
  return { ...Object.fromEntries(defaults), ...value };
}
