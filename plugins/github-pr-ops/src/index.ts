import { definePlugin, type PluginContext } from "@prunella/plugin";
import { PLACES, readOwners, type Owners } from "./owners.ts";
import { addressOf, at, checkOf, fileOf, listAt, maybe, pullOf, reviewOf, textAt } from "./read.ts";
import { readSettings } from "./settings.ts";
import { layOut, quoting } from "./text.ts";
import { factsOf, recommend, type Facts, type Seen } from "./weigh.ts";

const VERDICTS = {
  merge: "It can be merged.",
  change: "Something in it has to change first.",
  wait: "It waits for something.",
  none: "It is closed: there is nothing to do.",
} as const;
/** Heads of a queue that are looked at; each is two calls of a host. */
const MOST_HEADS = 40;

export default definePlugin({
  commands: {
    async review({ url, markdown }: { url: string; markdown: boolean }, context: PluginContext) {
      const settings = readSettings(context.settings);
      const seen = await look(url, context);
      const facts = factsOf(seen, settings, null);
      const recommendation = recommend(seen.pull, facts.conditions);
      return { text: layOut(VERDICTS[recommendation], facts, markdown), ...facts, recommendation };
    },

    async status({ repo, markdown }: { repo: string; markdown: boolean }, context: PluginContext) {
      const answer = await context.call("forge.pull_request.read", { repo });
      const pulls = [];
      for (const [nth, pull] of listAt(answer, "pulls").map(pullOf).entries()) {
        const { number, title, author, url, head, isDraft, requested, labels } = pull;
        const checks = nth < MOST_HEADS ? stateOf((await checksOf(repo, head, context)).checks) : "unread";
        const updatedAt = new Date(pull.updatedAt).toISOString();
        pulls.push({ number, title, author, url, head, isDraft, checks, requested, labels, updatedAt });
      }
      const isCut = at(answer, "is_cut") !== false;
      const quote = quoting(markdown);
      const lines = pulls.map(({ number, title, author, isDraft, checks, requested, updatedAt }) => {
        const who = requested.length === 0 ? "" : `, asked: ${requested.map((one) => quote(one)).join(", ")}`;
        const what = `checks: ${checks}${isDraft ? ", draft" : ""}, ${quote(author)}, ${updatedAt.slice(0, 10)}${who}`;
        return markdown
          ? `- \`${number}\` ${quote(title)} (${what})`
          : `  ${`${number}`.padStart(5)}  ${quote(title, 70)}\n         ${what}`;
      });
      const head = `${pulls.length}${isCut ? " and more" : ""} open in ${quote(repo)}`;
      return { text: [head, "", ...lines].join("\n"), repo, isCut, pulls };
    },

    async prepare(input: { url: string; policy?: string; markdown: boolean }, context: PluginContext) {
      const { url, policy, markdown } = input;
      const settings = readSettings(context.settings);
      const name = policy ?? settings.merge.policy;
      if (name === null) throw new Error("say which policy: --policy NAME");
      const seen = await look(url, context);
      const facts = factsOf(seen, settings, name);
      const isGreen = facts.conditions.every(({ isMet }) => isMet);
      const noted = await decide(facts, name, isGreen, context);
      const verdict = `Policy ${quoting(markdown)(name)} is ${isGreen ? "green" : "not green"}; nothing was merged.`;
      return { text: layOut(verdict, facts, markdown), ...facts, policy: name, isGreen, ...noted };
    },

    async merge({ url, head }: { url: string; head: string }, context: PluginContext) {
      const settings = readSettings(context.settings);
      const { isEnabled, policy, method } = settings.merge;
      if (!isEnabled || policy === null)
        throw new Error("merging is off: it wants merge.enabled and merge.policy in the settings of github-pr-ops");
      const seen = await look(url, context);
      if (seen.pull.head !== head)
        throw new Error(`it has moved on: it is at ${seen.pull.head}, and a yes was given to ${head}`);
      const facts = factsOf(seen, settings, policy);
      const unmet = facts.conditions.filter(({ isMet }) => !isMet);
      const quote = quoting(false);
      const said = unmet.map(({ text, about }) => [text, ...about.slice(0, 3).map((one) => quote(one))].join(" "));
      if (said.length > 0) throw new Error(`policy ${policy} is not green; it wants: ${said.join("; ")}`);
      const { sha256 } = await decide(facts, policy, true, context);
      const { repo, number, base } = facts;
      const merged = await context.call("forge.pull_request.merge", { repo, number, head, base, method });
      const sha = maybe(at(merged, "sha")) ?? "";
      return { text: `Merged ${quote(facts.url, 300)} at ${head}${sha === "" ? "" : ` as ${sha}`}.`, sha, sha256 };
    },
  },
});

/** All that is known of one, from the host that its address is of. */
async function look(url: string, context: PluginContext): Promise<Seen> {
  const { repo, number, page } = addressOf(url);
  const answer = await context.call("forge.pull_request.read", { repo, number });
  const pull = pullOf(at(answer, "pull"));
  const there = addressOf(pull.url);
  if (there.page !== page || there.number !== number)
    throw new Error(`that is not of the host that is set up here, which has it at ${pull.url}`);
  const { checks, isCut } = await checksOf(repo, pull.head, context);
  return {
    repo,
    pull,
    files: listAt(answer, "files").map(fileOf),
    reviews: listAt(answer, "reviews").map(reviewOf),
    checks,
    owners: await codeOwners(repo, pull.base, context),
    isCut: isCut || at(answer, "is_cut") !== false,
  };
}

async function checksOf(repo: string, sha: string, context: PluginContext) {
  const answer = await context.call("forge.check.read", { repo, sha });
  return { checks: listAt(answer, "checks").map(checkOf), isCut: at(answer, "is_cut") !== false };
}

/** As its base branch has them, which the pull request cannot change; the first file that there is. */
async function codeOwners(repo: string, ref: string, context: PluginContext): Promise<Owners> {
  const about = await context.call("forge.repository.read", { repo });
  const kind = textAt(about, "kind");
  const branch = kind === "github" ? ref : textAt(about, "default_branch");
  for (const path of PLACES[kind] ?? []) {
    const answer = await context.call("forge.contents.read", { repo, path, ref: branch });
    const text = at(answer, "file", "text");
    if (typeof text === "string") return readOwners(kind, text);
  }
  return readOwners(kind, "");
}

/** Kept, and its digest in the ledger: whoever has the decision can prove that it was made, and from what. */
async function decide(facts: Facts, policy: string, isGreen: boolean, context: PluginContext) {
  const { repo, number, head, conditions, checks } = facts;
  const about = { repo, number, head, policy, isGreen, madeAt: new Date().toISOString() };
  const decision = { ...about, conditions: conditions.map((one) => ({ ...one })) };
  const bytes = new TextEncoder().encode(JSON.stringify(decision));
  const digest = [...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))];
  const sha256 = digest.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  await context.state.put(`decision:${repo}#${number}`.slice(0, 200), { ...decision, sha256 });
  const noted = await context.ledger.append({ sha256 });
  const from = [head, `policy:${policy}`, ...checks.map(({ name, state }) => `${state}:${name}`.slice(0, 200))];
  await context.call("provenance.write", { of: `decision:${sha256}`, from: from.slice(0, 100) });
  return { sha256, index: Number(at(noted, "index")) };
}

/** The worst of them. */
const stateOf = (checks: readonly { readonly state: string }[]): string =>
  ["failure", "pending", "success"].find((state) => checks.some((check) => check.state === state)) ?? "none";
