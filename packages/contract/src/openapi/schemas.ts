import { z } from "zod";
import { Condition } from "../condition.ts";
import { RetentionChange, RetentionPolicy } from "../config-bounds.ts";
import { RestartPolicy } from "../config-programs.ts";
import * as event from "../event.ts";
import * as fault from "../fault.ts";
import * as healing from "../healing.ts";
import * as ids from "../ids.ts";
import * as messages from "../messages.ts";
import * as operations from "../operations/index.ts";
import type { Operation } from "../operations/index.ts";
import * as plugins from "../plugins/index.ts";
import * as rules from "../rule-condition.ts";

export interface JsonSchema {
  readonly [key: string]: unknown;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
}

export interface Schemas {
  /** By name: every schema that an operation uses and the contract exports. */
  readonly components: Readonly<Record<string, JsonSchema>>;
  /** A reference when the schema has a name, else the schema itself. */
  use(schema: z.ZodType): JsonSchema;
  /** The schema itself, also when it has a name. */
  inline(schema: z.ZodType): JsonSchema;
}

const PREFIX = "#/components/schemas/";

/**
 * JSON Schemas (draft 2020-12) of what the operations take and answer. A schema's name is the one under
 * which the contract exports it, so naming another is exporting it. What is used both ways stands as it
 * is taken, which is the stricter form.
 */
export function schemasOf(table: Readonly<Record<string, Operation>>): Schemas {
  const names = namesOfWords();
  const taken = new Set<z.ZodType>();
  const answered = new Set<z.ZodType>([operations.ApiError]);
  for (const { params, query, body, output, status } of Object.values(table)) {
    for (const part of [params, query, body]) if (part) taken.add(part);
    if (status !== 204) answered.add(output);
  }
  const [inputs, outputs] = [convert(taken, names, "input"), convert(answered, names, "output")];
  const use = (schema: z.ZodType): JsonSchema => {
    const name = names.get(schema);
    return name === undefined ? inline(schema) : { $ref: `${PREFIX}${name}` };
  };
  const inline = (schema: z.ZodType): JsonSchema =>
    (taken.has(schema) ? inputs : outputs).get(names.get(schema) ?? schema) ?? {};
  const bodies = Object.values(table).flatMap(({ body }) => (body ? [use(body)] : []));
  const parameters = [...taken].map(inline);
  const components = {
    ...reachable([...answered].map(use), outputs),
    ...reachable([...bodies, ...parameters], inputs),
  };
  return { components: sorted(components), use, inline };
}

function namesOfWords(): Map<z.ZodType, string> {
  const names = new Map<z.ZodType, string>();
  // What a person writes into the configuration has another form than what the API takes.
  const policies = { Condition, RestartPolicy, RetentionChange, RetentionPolicy };
  for (const words of [ids, event, fault, healing, messages, rules, plugins, policies, operations])
    for (const [name, word] of Object.entries(words)) if (word instanceof z.ZodType) names.set(word, name);
  names.delete(operations.Nothing);
  return names;
}

/** By name, or by the schema itself where it has none. */
function convert(
  schemas: ReadonlySet<z.ZodType>,
  names: ReadonlyMap<z.ZodType, string>,
  io: "input" | "output",
): Map<string | z.ZodType, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  for (const [word, id] of names) registry.add(word, { id });
  const unnamed = new Map<string, z.ZodType>();
  for (const schema of schemas) {
    if (names.has(schema)) continue;
    const id = `unnamed-${unnamed.size}`;
    unnamed.set(id, schema);
    registry.add(schema, { id });
  }
  const made = z.toJSONSchema(registry, { io, target: "draft-2020-12", uri: (id) => `${PREFIX}${id}` });
  return new Map(
    Object.entries(made.schemas).map(([id, { $schema: _schema, $id: _id, ...rest }]) => [unnamed.get(id) ?? id, rest]),
  );
}

/** The named schemas that these lead to. */
function reachable(
  roots: readonly JsonSchema[],
  made: ReadonlyMap<string | z.ZodType, JsonSchema>,
): Record<string, JsonSchema> {
  const found = new Map<string, JsonSchema>();
  const waiting = roots.flatMap(refsOf);
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const schema = made.get(name);
    if (schema === undefined || found.has(name)) continue;
    found.set(name, schema);
    waiting.push(...refsOf(schema));
  }
  return Object.fromEntries(found);
}

const sorted = <T>(given: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(given).toSorted(([a], [b]) => (a < b ? -1 : 1)));

function refsOf(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) =>
    key === "$ref" && typeof part === "string" ? [part.slice(PREFIX.length)] : refsOf(part),
  );
}
