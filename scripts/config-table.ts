import { isRecord, text } from "./json.ts";

interface Row {
  readonly key: string;
  readonly type: string;
  readonly standard: string;
  readonly unit: string;
  readonly meaning: string;
}

/** The table of docs/configuration.md from the JSON Schema of the configuration: one row for each key. */
export function configTable(schema: unknown): string {
  const rows = [...rowsOf(schema, "", undefined)];
  return [
    "| key | type | default | unit | meaning |",
    "|---|---|---|---|---|",
    ...rows.map((row) => `| \`${row.key}\` | ${row.type} | ${row.standard} | ${row.unit} | ${row.meaning} |`),
  ].join("\n");
}

/** `inherited` is the default that the object around this key gives it. */
function* rowsOf(schema: unknown, prefix: string, inherited: unknown): Generator<Row> {
  const properties = isRecord(schema) && isRecord(schema["properties"]) ? schema["properties"] : {};
  for (const [name, property] of Object.entries(properties)) {
    if (!isRecord(property)) continue;
    const key = prefix === "" ? name : `${prefix}.${name}`;
    const standard = property["default"] ?? (isRecord(inherited) ? inherited[name] : undefined);
    const isRequired = isRecord(schema) && Array.isArray(schema["required"]) && schema["required"].includes(name);
    yield {
      key,
      type: typeOf(property),
      standard: isNested(property) ? "" : defaultOf(property, standard, isRequired),
      unit: text(property["x-unit"]),
      meaning: text(property["description"]).replaceAll("|", "\\|"),
    };
    yield* rowsOf(property, key, standard);
    if (property["type"] === "array") yield* rowsOf(property["items"], `${key}[]`, undefined);
  }
}

const isNested = (property: Record<string, unknown>): boolean => isRecord(property["properties"]);

function typeOf(property: Record<string, unknown>): string {
  if (Array.isArray(property["anyOf"])) {
    return property["anyOf"].map((option) => (isRecord(option) ? typeOf(option) : "")).join(" or ");
  }
  if (property["type"] === "array")
    return isRecord(property["items"]) && property["items"]["type"] === "string" ? "list of strings" : "list";
  if (property["type"] === "object") return isNested(property) ? "section" : "map of strings";
  if (property["type"] === "integer") return `integer${rangeOf(property)}`;
  return text(property["type"]);
}

/** The bounds that we set; those of a safe integer are left out. */
function rangeOf({ minimum, maximum }: Record<string, unknown>): string {
  const from = typeof minimum === "number" && minimum > Number.MIN_SAFE_INTEGER ? ` ≥ ${minimum}` : "";
  const to = typeof maximum === "number" && maximum < Number.MAX_SAFE_INTEGER ? ` ≤ ${maximum}` : "";
  return from + to;
}

function defaultOf(property: Record<string, unknown>, standard: unknown, isRequired: boolean): string {
  if (standard !== undefined) return `\`${JSON.stringify(standard)}\``;
  if ("default" in property) return "`null`";
  return isRequired ? "required" : "";
}
