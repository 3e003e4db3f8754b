import { PrunellaError } from "@prunella/contract";
import type { TOKENS } from "@prunella/contract/operations";
import { roleIn } from "@prunella/kernel";
import type { Caller } from "../auth.ts";
import type { Context, Handlers } from "../handler.ts";

const DAY_MS = 24 * 3_600_000;

/** Whose sessions and tokens a caller sees: everybody's with the data folder's token; null: those of a link. */
const whose = (caller: Caller | null): string | null | undefined =>
  caller?.kind === "token" ? undefined : (caller?.person?.id ?? null);

/** Tokens have a person, always. */
function owner(caller: Caller | null): string | undefined {
  const person = whose(caller);
  if (person !== null) return person;
  throw new PrunellaError("PRUNELLA_SIGN_IN_REQUIRED", {
    detail: "Only a person with a name has tokens.",
    hint: "Add one, here one who is called ada: prunella people add ada --role owner",
  });
}

/** For whom a token is made: oneself, or anybody with the data folder's token. */
async function personFor({ caller, kernel }: Context, typed: string | undefined): Promise<string> {
  const self = owner(caller);
  if (typed === undefined) {
    if (self !== undefined) return self;
    throw new PrunellaError("PRUNELLA_REQUEST_INVALID", {
      detail: "The data folder's token belongs to nobody: say whose the new token is.",
      hint: "For one who is called ada: prunella tokens create --for ada --title deploy",
    });
  }
  if (self === undefined) return (await kernel.access.findPerson(typed)).id;
  if (typed === self || typed === caller?.person?.name) return self;
  throw new PrunellaError("PRUNELLA_ROLE_REQUIRED", { detail: "A token is made by the person whose it is." });
}

export const tokens: Handlers<typeof TOKENS> = {
  list_tokens: async (_input, { kernel, caller }) => ({
    tokens: whose(caller) === null ? [] : await kernel.access.listTokens(owner(caller)),
    next: null,
  }),
  async create_token({ title, effects, project, days, person }, context) {
    const { kernel, caller, now } = context;
    const personId = await personFor(context, person);
    const asking = caller?.kind === "personal" ? caller.token : null;
    const expiresAt = days === null ? null : now() + days * DAY_MS;
    if (asking !== null) {
      // Otherwise a narrow token would be as good as a wide one.
      const isMore =
        effects.some((effect) => !asking.effects.includes(effect)) ||
        (asking.project !== null && project !== asking.project) ||
        (asking.expires_at !== null && (expiresAt === null || expiresAt > asking.expires_at));
      if (isMore)
        throw new PrunellaError("PRUNELLA_TOKEN_LIMITED", { detail: "It makes no token that may more than itself." });
    }
    if (project !== undefined && caller?.person && roleIn(caller.rights, project) === null)
      throw new PrunellaError("PRUNELLA_ROLE_REQUIRED", { detail: `You have no role in the project ${project}.` });
    return kernel.access.createToken({ personId, title, effects, project: project ?? null, expiresAt });
  },
  revoke_token: ({ id }, { kernel, caller }) => kernel.access.revokeToken(owner(caller), id),
  list_sessions: async (_input, { kernel, caller }) => ({
    sessions: await kernel.access.listSessions(whose(caller), caller?.kind === "session" ? caller.sessionId : null),
    next: null,
  }),
  async end_session({ id }, { kernel, caller, streams }) {
    for (const ended of await kernel.access.endSession(whose(caller), id)) streams.end(ended);
  },
  async end_sessions(_input, { kernel, caller, streams }) {
    const current = caller?.kind === "session" ? caller.sessionId : null;
    const ended = await kernel.access.endSessions(whose(caller), current);
    for (const id of ended) streams.end(id);
    return { ended: ended.length };
  },
};
