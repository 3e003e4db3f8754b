import { at, listAt, maybe } from "./read.ts";

type Policy = ReturnType<typeof readPolicy>;
export type Settings = ReturnType<typeof readSettings>;

/** What an operator set. The host holds it to the manifest: nothing unknown and nothing of another type comes here. */
export function readSettings(given: unknown) {
  return {
    policies: new Map(listAt(given, "policies").map((one) => [String(at(one, "name")), readPolicy(one)])),
    teams: listAt(given, "teams").map((one) => ({
      name: String(at(one, "name")),
      members: listAt(one, "members").map(String),
    })),
    merge: {
      isEnabled: at(given, "merge", "enabled") === true,
      policy: maybe(at(given, "merge", "policy")),
      method: maybe(at(given, "merge", "method")) ?? "merge",
    },
  };
}

/** What runs a pull request's own checks, and who has to approve it: whoever changes those says what is well. */
const NEVER = [".github/**", ".gitea/**", ".forgejo/**", "CODEOWNERS"];

/** What is not said is as strict as any team would have it. */
function readPolicy(given: unknown) {
  const texts = (name: string) => listAt(given, name).map(String);
  const bound = (name: string) => (at(given, name) === undefined ? null : Number(at(given, name)));
  return {
    approvals: bound("approvals") ?? 1,
    owners: at(given, "owners") !== false,
    allChecks: at(given, "allChecks") !== false,
    checks: texts("checks"),
    maxFiles: bound("maxFiles"),
    maxLines: bound("maxLines"),
    never: at(given, "never") === undefined ? NEVER : texts("never"),
    labels: texts("labels"),
    withoutLabels: texts("withoutLabels"),
    /** null: into any. */
    base: at(given, "base") === undefined ? null : texts("base"),
  };
}

/** @throws Error for one that nobody declared */
export function policyOf({ policies }: Settings, name: string | null): Policy {
  const found = name === null ? { ...readPolicy({}), never: [] } : policies.get(name);
  if (found !== undefined) return found;
  const there = [...policies.keys()];
  throw new Error(
    `there is no policy ${name}; ${there.length === 0 ? "the settings have none" : `there is ${there.join(", ")}`}`,
  );
}
