import { Ajv, type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";
import { readContract } from "./contract.ts";
import type { Seen } from "./fakehub.ts";

/** Holds what was asked and answered to what GitHub publishes; what does not fit is told, by operation and place. */
export function createPublished(): { check(seen: Seen): string[] } {
  const contract = readContract();
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema({ $id: "contract", $defs: contract.$defs });
  const compiled = new Map<object, ValidateFunction>();
  const validator = (schema: object) => {
    const known = compiled.get(schema);
    if (known !== undefined) return known;
    const made = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"contract#/$defs/')));
    compiled.set(schema, made);
    return made;
  };
  const operations = contract.operations.map((operation) => ({
    ...operation,
    pattern: new RegExp(`^${operation.path.replaceAll(/\{path\}/g, ".+").replaceAll(/\{[^}]+\}/g, "[^/]+")}$`),
  }));
  // The most exact path first: `/repos/o/r/installation` is no content.
  operations.sort((a, b) => b.path.split("/").length - a.path.split("/").length);

  return {
    check({ method, path, request, status, answer }) {
      const operation = operations.find((one) => one.method === method && one.pattern.test(path));
      const name = `${method.toUpperCase()} ${path}`;
      if (operation === undefined) return [`${name} is no operation that we use`];
      const misfits: string[] = [];
      const hold = (schema: object | null | undefined, value: unknown, what: string) => {
        if (schema === null || schema === undefined) return;
        const validate = validator(schema);
        if (validate(value)) return;
        for (const { instancePath, message } of validate.errors ?? [])
          misfits.push(`${name} ${what}${instancePath}: ${message}`);
      };
      if (request !== null || operation.isBodyRequired) hold(operation.body, request, "request");
      // Refusals that a route does not list are GitHub's common ones.
      if (status < 400 && operation.answers[String(status)] === undefined)
        misfits.push(`${name} never answers ${status}`);
      hold(operation.answers[String(status)], answer, `answer ${status}`);
      return misfits;
    },
  };
}
