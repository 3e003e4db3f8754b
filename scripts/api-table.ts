import { schemasOf, type Schemas } from "../packages/contract/src/openapi/schemas.ts";
import { OPERATIONS, type Operation } from "../packages/contract/src/operations/index.ts";
import { isRecord, text } from "./json.ts";

/** The table of docs/api.md from the table of operations: one row for each. */
export function apiTable(): string {
  const schemas = schemasOf(OPERATIONS);
  return [
    "| method | path | operation | who | effect | takes | answers |",
    "|---|---|---|---|---|---|---|",
    ...Object.entries<Operation>(OPERATIONS).map(([id, operation]) => {
      const { method, path, effect } = operation;
      const cells = [
        method,
        `\`${path}\``,
        `\`${id}\``,
        whoOf(operation),
        effect,
        takes(operation, schemas),
        answers(operation, schemas),
      ];
      return `| ${cells.join(" | ")} |`;
    }),
  ].join("\n");
}

/** With where, for whom it is a matter of roles. */
const whoOf = ({ who, within }: Operation): string =>
  /^(?:viewer|operator|owner)$/.test(who) ? `${who}, ${within.replaceAll("_", " ")}` : who;

function takes({ query, body, max_body }: Operation, schemas: Schemas): string {
  return [
    ...(query ? [`query \`${nameOf(schemas.use(query), keys)}\``] : []),
    ...(body ? [`\`${nameOf(schemas.use(body), keys)}\``] : []),
    ...(max_body === undefined ? [] : [`at most ${max_body / 1_048_576} MiB`]),
  ].join(", ");
}

function answers({ output, status, streams, summary }: Operation, schemas: Schemas): string {
  const code = status === 200 ? "" : `${status} `;
  if (status === 204) return `${code}${summary}`;
  return `${code}${streams ? "stream of " : ""}\`${nameOf(schemas.use(output), fields)}\`: ${summary}`;
}

/** The schema's name, or its shape where it has none. */
function nameOf(schema: unknown, shape: (schema: Record<string, unknown>) => string): string {
  if (!isRecord(schema)) return "";
  if (schema["$ref"] !== undefined) return text(schema["$ref"]).split("/").at(-1) ?? "";
  return shape(schema);
}

function keys({ properties, required }: Record<string, unknown>): string {
  const names = isRecord(properties) ? Object.keys(properties) : [];
  const isNeeded = (name: string) => Array.isArray(required) && required.includes(name);
  return `{${names.map((name) => (isNeeded(name) ? name : `${name}?`)).join(", ")}}`;
}

function fields(schema: Record<string, unknown>): string {
  if (schema["type"] === "array") return `${nameOf(schema["items"], fields)}[]`;
  const { properties } = schema;
  if (!isRecord(properties)) return text(schema["type"]);
  return `{${Object.entries(properties)
    .map(([name, property]) => `${name}: ${nameOf(property, fields)}`)
    .join(", ")}}`;
}
