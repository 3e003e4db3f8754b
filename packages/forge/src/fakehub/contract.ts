import { z } from "zod";
import published from "./github-contract.json" with { type: "json" };

export type Schema = Readonly<Record<string, unknown>>;

const SchemaOrNull = z.record(z.string(), z.unknown()).nullable();

const Contract = z.object({
  source: z.string(),
  operations: z.array(
    z.object({
      method: z.string(),
      path: z.string(),
      body: SchemaOrNull,
      isBodyRequired: z.boolean(),
      answers: z.record(z.string(), SchemaOrNull),
    }),
  ),
  $defs: z.record(z.string(), z.record(z.string(), z.unknown())),
});
export type Contract = z.infer<typeof Contract>;

/** What GitHub publishes of the routes that we use; made by `scripts/extract-forge-contract.ts`. */
export const readContract = (): Contract => Contract.parse(published);

const isSchema = (value: unknown): value is Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * A document that fits a published schema: what is known is taken, what it demands besides is the plainest value of
 * its kind, what is optional and unknown is left out.
 */
export function fill(contract: Contract, name: string, known: unknown): unknown {
  return filled({ $ref: `#/$defs/${name}` }, known, contract, 0);
}

function filled(schema: unknown, known: unknown, contract: Contract, depth: number): unknown {
  if (!isSchema(schema)) return known ?? null;
  const ref = schema["$ref"];
  if (typeof ref === "string") return filled(contract.$defs[ref.slice("#/$defs/".length)], known, contract, depth);
  const parts = [schema["anyOf"], schema["oneOf"], schema["allOf"]].find(Array.isArray);
  if (parts !== undefined) return filled(partFor(parts, known), known, contract, depth);
  if (known === null) return null;
  const properties = isSchema(schema["properties"]) ? schema["properties"] : null;
  if (properties !== null && (known === undefined || isSchema(known))) {
    const required = new Set(Array.isArray(schema["required"]) ? schema["required"] : []);
    const document: Record<string, unknown> = { ...known };
    for (const [key, inner] of Object.entries(properties)) {
      if (known?.[key] === undefined && (!required.has(key) || depth > 4)) continue;
      document[key] = filled(inner, known?.[key], contract, depth + 1);
    }
    return document;
  }
  const { items } = schema;
  if (Array.isArray(known) && isSchema(items)) return known.map((item) => filled(items, item, contract, depth + 1));
  return known ?? plain(schema);
}

/** Null fits a part that is null; everything else the first that is not. */
function partFor(parts: readonly unknown[], known: unknown): unknown {
  const isNull = (part: unknown) => isSchema(part) && part["type"] === "null";
  return (
    (known === undefined || known === null ? parts.find(isNull) : undefined) ?? parts.find((part) => !isNull(part))
  );
}

function plain(schema: Schema): unknown {
  const { enum: among, default: usual, type, format } = schema;
  if (usual !== undefined) return usual;
  if (Array.isArray(among)) return among[0];
  if (type === "null") return null;
  if (type === "integer" || type === "number") return 0;
  if (type === "boolean") return false;
  if (type === "array") return [];
  if (type === "object") return {};
  return FORMATS[String(format)] ?? "";
}

const FORMATS: Readonly<Record<string, string>> = {
  uri: "http://fakehub.invalid/",
  "date-time": "2026-01-01T00:00:00Z",
  email: "nobody@fakehub.invalid",
};
