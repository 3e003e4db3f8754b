/** What the page shows of one operation, read out of the OpenAPI document. */
export interface OperationRow {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly effect: string;
  /** Names of what goes into path and query; those of the path come first. */
  readonly parameters: readonly { readonly name: string; readonly place: string; readonly needed: boolean }[];
  /** Names of the fields of its body; null where it takes none. */
  readonly body: readonly { readonly name: string; readonly needed: boolean }[] | null;
}

const METHODS = ["get", "post", "put", "patch", "delete"] as const;

/** The document is made from the same table as the server itself: what is not as expected is left out, not guessed. */
export function operationsOf(document: unknown): OperationRow[] {
  const paths = objectIn(document, "paths");
  return Object.entries(paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = objectIn(item, method);
      const id = textIn(operation, "operationId");
      if (id === "") return [];
      return [
        {
          id,
          method: method.toUpperCase(),
          path,
          summary: textIn(operation, "summary") || textIn(operation, "description"),
          effect: textIn(operation, "x-effect"),
          parameters: parametersOf(operation),
          body: bodyOf(document, operation),
        },
      ];
    }),
  );
}

/** Whether each typed word stands in what names an operation or says what it does. */
export function fits({ id, method, path, summary }: OperationRow, typed: string): boolean {
  const said = `${id} ${method} ${path} ${summary}`.toLowerCase();
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => said.includes(word));
}

function parametersOf(operation: unknown): OperationRow["parameters"] {
  return listIn(operation, "parameters").map((each) => ({
    name: textIn(each, "name"),
    place: textIn(each, "in"),
    needed: valueIn(each, "required") === true,
  }));
}

function bodyOf(document: unknown, operation: unknown): OperationRow["body"] {
  const content = objectIn(objectIn(operation, "requestBody"), "content");
  const given = objectIn(objectIn(content, "application/json"), "schema");
  if (Object.keys(given).length === 0) return null;
  const name = /^#\/components\/schemas\/(\w+)$/.exec(textIn(given, "$ref"))?.[1];
  const schema = name === undefined ? given : objectIn(objectIn(objectIn(document, "components"), "schemas"), name);
  const needed = new Set(listIn(schema, "required"));
  return Object.keys(objectIn(schema, "properties")).map((field) => ({ name: field, needed: needed.has(field) }));
}

/** A call that can be typed, with names in capitals where something of one's own goes. */
export function exampleOf({ method, path, body }: OperationRow): { method: string; path: string; body: string | null } {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => name.toUpperCase());
  if (body === null) return { method, path: filled, body: null };
  const needed = body.filter((field) => field.needed).map(({ name }) => [name, name.toUpperCase()] as const);
  return { method, path: filled, body: JSON.stringify(Object.fromEntries(needed)) };
}

const valueIn = (holder: unknown, name: string): unknown =>
  typeof holder === "object" && holder !== null ? Reflect.get(holder, name) : undefined;

function textIn(holder: unknown, name: string): string {
  const value = valueIn(holder, name);
  return typeof value === "string" ? value : "";
}

function listIn(holder: unknown, name: string): readonly unknown[] {
  const value = valueIn(holder, name);
  return Array.isArray(value) ? value : [];
}

function objectIn(holder: unknown, name: string): object {
  const value = valueIn(holder, name);
  return typeof value === "object" && value !== null ? value : {};
}
