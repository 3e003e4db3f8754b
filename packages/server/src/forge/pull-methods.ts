import { BROKER_ERRORS, FORGE_PARAMS as P, type ForgeMethodName } from "@prunella/contract/plugins";
import type { Forge, ForgePull, Part, PullFile } from "@prunella/forge";
import type { Method } from "../plugins/broker/broker.ts";
import { RpcError } from "../plugins/broker/rpc.ts";
import { typed } from "../plugins/broker/typed.ts";
import { nameOf, signalOf, told } from "./told.ts";

/** Of what anybody may write as long as they like: an answer has room for all of it together. */
const MOST_BODY = 20_000;
const MOST_PATHS = 400_000;

/** Pull requests, what ran on their heads, and the one merge that a person said yes to. */
export function pullMethods(forge: Forge): [ForgeMethodName, Method][] {
  return [
    typed("pull_request.read", P["pull_request.read"], async ({ repo, number }, context) => {
      const [name, signal] = [nameOf(repo), signalOf(context)];
      if (number === null) {
        const { items, isCut } = told(await forge.openPulls(name, signal));
        return {
          pulls: items.map(({ body, ...pull }) => ({ ...pull, isOurs: isOwn({ ...pull, body }) })),
          is_cut: isCut,
        };
      }
      const pull = told(await forge.pull(name, number, signal));
      const files = fitting(told(await forge.pullFiles(name, number, signal)));
      const reviews = told(await forge.pullReviews(name, number, signal));
      const after = told(await forge.pull(name, number, signal));
      // Files of another head than the one that is judged would let its author choose what is looked at.
      if (after.head.sha !== pull.head.sha || after.base.ref !== pull.base.ref)
        throw moved("it was changed while it was read: read it again");
      return {
        // The later of two looks: a host finds out whether it conflicts when it is first asked.
        pull: { ...after, isOurs: isOwn(after), body: after.body.slice(0, MOST_BODY).toWellFormed() },
        files: files.items,
        reviews: reviews.items,
        is_cut: files.isCut || reviews.isCut,
      };
    }),
    typed("check.read", P["check.read"], async ({ repo, sha }, context) => {
      const { items, isCut } = told(await forge.checks(nameOf(repo), sha, signalOf(context)));
      return { checks: items, is_cut: isCut };
    }),
    typed("pull_request.merge", P["pull_request.merge"], async ({ repo, number, head, base, method }, context) => {
      const [name, signal] = [nameOf(repo), signalOf(context)];
      const pull = told(await forge.pull(name, number, signal));
      if (isOwn(pull))
        throw new RpcError(BROKER_ERRORS.denied, "that pull request is ours, and nobody merges their own here", {
          reason: "self",
          mend: null,
        });
      // The host compares the head as it merges; where it goes, its author may change at any time.
      if (pull.base.ref !== base) throw moved(`it goes into ${pull.base.ref.slice(0, 100)} by now`);
      return told(await forge.mergePull(name, number, { head, method }, signal));
    }),
  ];
}

const moved = (message: string) => new RpcError(BROKER_ERRORS.failed, message, { reason: "conflict", mend: null });

/** Under our name, on a branch of ours, or with a marker of ours: whoever writes that into theirs has it merged by hand. */
const isOwn = ({ isOurs, body, head }: ForgePull): boolean =>
  isOurs || head.ref.startsWith("prunella/") || /<!--\s*prunella:/i.test(body);

function fitting({ items, isCut }: Part<PullFile>): Part<PullFile> {
  let room = MOST_PATHS;
  const kept = items.filter(({ path, before }) => (room -= path.length + (before?.length ?? 0)) >= 0);
  return { items: kept, isCut: isCut || kept.length < items.length };
}
