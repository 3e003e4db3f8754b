import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { OPERATIONS_USED } from "../packages/forge/src/github/operations.ts";

/**
 * Takes what we use out of GitHub's published OpenAPI document, which has 13 MB:
 *
 *     npm pack @octokit/openapi@23.0.2 && tar xzf octokit-openapi-23.0.2.tgz
 *     npx node scripts/extract-forge-contract.ts package/generated/api.github.com.json
 *
 * The document is OpenAPI 3.0.3, whose `nullable` JSON Schema does not know: it becomes `anyOf` with null here. Prose
 * and examples are left out.
 */
const { positionals } = parseArgs({ allowPositionals: true });
const [source] = positionals;
if (source === undefined) throw new Error("The path of api.github.com.json is needed.");

interface Json {
  readonly [key: string]: unknown;
}
const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const document: unknown = JSON.parse(readFileSync(source, "utf8"));

function at(path: readonly string[], from: unknown = document): unknown {
  return path.reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), from);
}

const schemas: Record<string, unknown> = {};

/** The target of a `$ref`; a schema becomes one of `$defs`, everything else is put in its place. */
function follow(ref: string): unknown {
  const path = ref.replace(/^#\//, "").split("/");
  const name = path.at(-1) ?? "";
  if (path[1] !== "schemas") return tidy(at(path));
  if (!(name in schemas)) {
    schemas[name] = null;
    schemas[name] = tidy(at(path));
  }
  return { $ref: `#/$defs/${name}` };
}

const PROSE = new Set([
  "description",
  "example",
  "examples",
  "externalDocs",
  "title",
  "deprecated",
  "x-github",
  "x-multi-segment",
]);

function tidy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(tidy);
  if (!isObject(value)) return value;
  if (typeof value["$ref"] === "string") return follow(value["$ref"]);
  const { nullable, ...rest } = value;
  const tidied: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(rest)) {
    if (key === "properties" && isObject(inner)) {
      tidied[key] = Object.fromEntries(Object.entries(inner).map(([name, schema]) => [name, tidy(schema)]));
    } else if (key === "enum" || key === "default" || key === "const") tidied[key] = inner;
    else if (!PROSE.has(key)) tidied[key] = tidy(inner);
  }
  return nullable === true ? { anyOf: [tidied, { type: "null" }] } : tidied;
}

const isUsedStatus = (status: string) => /^[234]/.test(status);

const operations = OPERATIONS_USED.map(({ method, path }) => {
  const operation = at(["paths", path, method]);
  if (!isObject(operation)) throw new Error(`The document has no ${method.toUpperCase()} ${path}.`);
  const body = at(["requestBody", "content", "application/json", "schema"], operation);
  const responses = isObject(operation["responses"]) ? operation["responses"] : {};
  return {
    method,
    path,
    body: body === undefined ? null : tidy(body),
    isBodyRequired: at(["requestBody", "required"], operation) === true,
    answers: Object.fromEntries(
      Object.entries(responses)
        .filter(([status]) => isUsedStatus(status))
        .map(([status, answer]) => {
          const whole =
            isObject(answer) && typeof answer["$ref"] === "string" ? at(answer["$ref"].slice(2).split("/")) : answer;
          const schema = at(["content", "application/json", "schema"], whole);
          return [status, schema === undefined ? null : tidy(schema)];
        }),
    ),
  };
});

const version = at(["info", "version"]);
const written = { source: `@octokit/openapi ${String(version)} (MIT)`, operations, $defs: schemas };
writeFileSync("packages/forge/src/fakehub/github-contract.json", `${JSON.stringify(written)}\n`);
