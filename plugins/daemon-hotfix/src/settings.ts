import { fieldsOf } from "./read.ts";

/** As a configuration says it; what it does not say stays as careful as can be. */
export interface Settings {
  /** false stops everything. */
  readonly enabled: boolean;
  /** `pr` hands a brief to the repair workshop, where there is one. */
  readonly modes: readonly string[];
  /** Whoever merges is a person: there is no setting that makes it otherwise. Briefs are counted by UTC day. */
  readonly riskPolicy: { readonly autoMerge: false; readonly maxAutofixPerDay: number };
  readonly issueLabels: readonly string[];
  /** Called once when an issue is filed, and once when a failure comes back. */
  readonly notify: readonly string[];
  /** Where it may file; empty: nowhere. */
  readonly allowlistRepos: readonly string[];
  /** Where faults of this server's own projects are filed; null: nowhere. */
  readonly repo: string | null;
  /** Whether failed workflows and checks are filed too. */
  readonly allowWorkflowEvents: boolean;
  /** Of which environment failures count. */
  readonly environment: string;
}

interface Rule {
  readonly fallback: unknown;
  /** What is expected, in words. */
  readonly expected: string;
  fits(value: unknown): boolean;
}

const isBoolean = (value: unknown) => typeof value === "boolean";
const among = (...names: readonly string[]): Pick<Rule, "expected" | "fits"> => ({
  expected: names.join(" or "),
  fits: (value) => names.includes(String(value)) && typeof value === "string",
});
const listOf = (expected: string, each: RegExp, most: number): Rule => ({
  fallback: [],
  expected: `a list of at most ${most}: ${expected}`,
  fits: (value) =>
    Array.isArray(value) && value.length <= most && value.every((one) => typeof one === "string" && each.test(one)),
});

const REPOSITORY = /^[\w.-]{1,100}\/[\w.-]{1,100}$/;
const RULES: Readonly<Record<string, Rule>> = {
  enabled: { fallback: true, expected: "true or false", fits: isBoolean },
  modes: { ...listOf("issue or pr", /^(?:issue|pr)$/, 2), fallback: ["issue"] },
  issueLabels: listOf("a label of 1 to 50 characters", /^.{1,50}$/, 20),
  notify: listOf("@name or @organization/team", /^@[A-Za-z0-9][A-Za-z0-9-]{0,38}(?:\/[\w.-]{1,100})?$/, 10),
  allowlistRepos: listOf("owner/name", REPOSITORY, 1_000),
  repo: {
    fallback: null,
    expected: "owner/name",
    fits: (value) => value === null || (typeof value === "string" && REPOSITORY.test(value)),
  },
  allowWorkflowEvents: { fallback: false, expected: "true or false", fits: isBoolean },
  environment: { fallback: "any", ...among("dev", "prod", "any") },
};
const POLICY: Readonly<Record<string, Rule>> = {
  autoMerge: { fallback: false, expected: "false: a person merges", fits: (value) => value === false },
  maxAutofixPerDay: {
    fallback: 3,
    expected: "a whole number from 0 to 1000",
    fits: (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 1_000,
  },
};

/** @throws Error that names each place and what was expected there */
export function readSettings(given: unknown): Settings {
  const wrong: string[] = [];
  const whole = read("with", given, RULES, ["riskPolicy"], wrong);
  const policy = read("with.riskPolicy", fieldsOf(given)?.["riskPolicy"], POLICY, [], wrong);
  if (wrong.length > 0) throw new Error(`daemon-hotfix cannot be set so: ${wrong.join("; ")}`);
  return {
    enabled: whole["enabled"] === true,
    modes: texts(whole["modes"]),
    riskPolicy: { autoMerge: false, maxAutofixPerDay: Number(policy["maxAutofixPerDay"]) },
    issueLabels: texts(whole["issueLabels"]),
    notify: texts(whole["notify"]),
    allowlistRepos: texts(whole["allowlistRepos"]),
    repo: typeof whole["repo"] === "string" ? whole["repo"] : null,
    allowWorkflowEvents: whole["allowWorkflowEvents"] === true,
    environment: String(whole["environment"]),
  };
}

function read(
  path: string,
  given: unknown,
  rules: Readonly<Record<string, Rule>>,
  besides: readonly string[],
  wrong: string[],
): Record<string, unknown> {
  const fields = given == null ? {} : fieldsOf(given);
  if (fields === null) {
    wrong.push(`${path}: expected settings by name`);
    return {};
  }
  const names = [...Object.keys(rules), ...besides];
  for (const key of Object.keys(fields))
    if (!names.includes(key)) wrong.push(`${path}: no key ${key}; there are ${names.join(", ")}`);
  return Object.fromEntries(
    Object.entries(rules).map(([name, { fallback, expected, fits }]) => {
      const value = Object.hasOwn(fields, name) ? fields[name] : fallback;
      if (!fits(value)) wrong.push(`${path}.${name}: expected ${expected}`);
      return [name, value];
    }),
  );
}

const texts = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);
