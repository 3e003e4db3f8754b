type Schema = Readonly<Record<string, unknown>>;

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Says where a value does not fit a JSON Schema (draft 2020-12); knows the keywords that ours use, and throws at others. */
export function misfits(schema: unknown, value: unknown, document: unknown, at = "#"): string[] {
  if (!isRecord(schema)) throw new Error(`${at} has no schema`);
  return Object.entries(schema).flatMap(([keyword, rule]) => {
    const check = KEYWORDS[keyword];
    if (check === undefined) throw new Error(`the keyword ${keyword} is not known here`);
    return check({
      rule,
      schema,
      value,
      at,
      fits: (part, inner, where) => misfits(part, inner, document, where),
      document,
    });
  });
}

/** What a reference such as `#/components/schemas/Fault` names. */
export function resolve(document: unknown, reference: string): unknown {
  return reference
    .slice(2)
    .split("/")
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce<unknown>((value, name) => (isRecord(value) ? value[name] : undefined), document);
}

interface Given {
  readonly rule: unknown;
  readonly schema: Schema;
  readonly value: unknown;
  readonly at: string;
  readonly document: unknown;
  readonly fits: (schema: unknown, value: unknown, at: string) => string[];
}

const unless = (isFit: boolean, at: string, what: string): string[] => (isFit ? [] : [`${at}: ${what}`]);
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const number =
  (holds: (value: number, rule: number) => boolean) =>
  ({ rule, value, at }: Given) =>
    unless(typeof value !== "number" || holds(value, Number(rule)), at, `${String(value)} is out of bounds`);
const length =
  (holds: (length: number, rule: number) => boolean) =>
  ({ rule, value, at }: Given) =>
    unless(typeof value !== "string" || holds([...value].length, Number(rule)), at, "has another length");
const items =
  (holds: (count: number, rule: number) => boolean) =>
  ({ rule, value, at }: Given) =>
    unless(!Array.isArray(value) || holds(value.length, Number(rule)), at, "has another number of items");
const annotation = (): string[] => [];

const KEYWORDS: Readonly<Record<string, (given: Given) => string[]>> = {
  $ref: ({ rule, value, at, fits, document }) => fits(resolve(document, String(rule)), value, at),
  type: ({ rule, value, at }) =>
    unless(
      (Array.isArray(rule) ? rule : [rule]).some((type) => isOf(String(type), value)),
      at,
      `is not of type ${String(rule)}`,
    ),
  enum: ({ rule, value, at }) => unless(list(rule).includes(value), at, `${String(value)} is not listed`),
  const: ({ rule, value, at }) => unless(rule === value, at, `is not ${String(rule)}`),
  anyOf: ({ rule, value, at, fits }) =>
    unless(
      list(rule).some((part) => fits(part, value, at).length === 0),
      at,
      "fits none of its alternatives",
    ),
  oneOf: ({ rule, value, at, fits }) =>
    unless(list(rule).filter((part) => fits(part, value, at).length === 0).length === 1, at, "fits not exactly one"),
  properties: ({ rule, value, at, fits }) =>
    isRecord(rule) && isRecord(value)
      ? Object.entries(rule).flatMap(([name, part]) =>
          Object.hasOwn(value, name) ? fits(part, value[name], `${at}/${name}`) : [],
        )
      : [],
  required: ({ rule, value, at }) =>
    isRecord(value)
      ? list(rule).flatMap((name) => unless(Object.hasOwn(value, String(name)), at, `lacks ${String(name)}`))
      : [],
  additionalProperties: ({ rule, schema, value, at, fits }) => {
    const known = isRecord(schema["properties"]) ? schema["properties"] : {};
    const others = isRecord(value) ? Object.entries(value).filter(([name]) => !Object.hasOwn(known, name)) : [];
    return others.flatMap(([name, part]) =>
      rule === false ? [`${at}: says ${name}, which is not in its schema`] : fits(rule, part, `${at}/${name}`),
    );
  },
  propertyNames: ({ rule, value, at, fits }) =>
    isRecord(value) ? Object.keys(value).flatMap((name) => fits(rule, name, at)) : [],
  items: ({ rule, schema, value, at, fits }) =>
    list(value)
      .slice(list(schema["prefixItems"]).length)
      .flatMap((part, index) => fits(rule, part, `${at}/${index}`)),
  prefixItems: ({ rule, value, at, fits }) =>
    list(rule).flatMap((part, index) => fits(part, list(value)[index], `${at}/${index}`)),
  pattern: ({ rule, value, at }) =>
    unless(
      typeof value !== "string" || new RegExp(String(rule), "u").test(value),
      at,
      `${String(value)} has another form`,
    ),
  minimum: number((value, rule) => value >= rule),
  maximum: number((value, rule) => value <= rule),
  minLength: length((value, rule) => value >= rule),
  maxLength: length((value, rule) => value <= rule),
  minItems: items((count, rule) => count >= rule),
  maxItems: items((count, rule) => count <= rule),
  default: annotation,
  description: annotation,
  "x-unit": annotation,
};

function isOf(type: string, value: unknown): boolean {
  if (type === "null") return value === null;
  if (type === "array") return Array.isArray(value);
  if (type === "object") return isRecord(value);
  if (type === "integer") return Number.isInteger(value);
  return typeof value === type;
}
