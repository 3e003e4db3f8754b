import { PrunellaError, type Actor, type PersonalToken, type Role } from "@prunella/contract";
import type { Core } from "../core.ts";
import type { Duty } from "../nodes/housekeeping.ts";
import type { Rng } from "../ports.ts";
import type { Engine, Tx } from "../store/engine.ts";
import { keepChallenge, takeChallenge, type Challenge } from "./challenges.ts";
import {
  confirmCodes,
  countRecoveryCodes,
  credentialsOf,
  setPassword,
  takeRecoveryCode,
  takeStep,
  wantCodes,
} from "./credentials.ts";
import { personOfIdentity } from "./identities.ts";
import { invite, listInvitations, useInvitation, withdrawInvitation } from "./invitations.ts";
import { addPasskey, countPasskey, passkeyOf, passkeysOf, removePasskey } from "./passkeys.ts";
import { addPerson, findPerson, listNames, listPeople, removePerson, setRole, toPerson } from "./people.ts";
import { EVERYTHING, narrowed, readRights, type Rights } from "./rights.ts";
import { digestOf, newSecret } from "./secret.ts";
import {
  beginSession,
  endSession,
  endSessions,
  listSessions,
  NOWHERE,
  SEEN_MS,
  type NewSession,
  type Whence,
} from "./sessions.ts";
import { createToken, listTokens, revokeToken, tokenOf } from "./tokens.ts";

/** Long enough for a coffee, short enough for a terminal's scroll-back. */
const CODE_LIFE_MS = 15 * 60_000;

/** A one-time code for the sign-in link. */
export async function mintSignInCode(
  tx: Tx,
  now: number,
  rng: Rng,
  given: { personId: string | null; way: "link" | "oidc" } = { personId: null, way: "link" },
): Promise<string> {
  const code = newSecret(rng);
  await tx.db
    .insertInto("sign_in_code")
    .values({ code_hash: digestOf(code), person_id: given.personId, way: given.way, expires_at: now + CODE_LIFE_MS })
    .execute();
  return code;
}

/** Whom a code signs in, once. `isAllowed`: whether links of nobody in particular are. */
async function useSignInCode(tx: Tx, now: number, code: string) {
  const taken = await tx.db
    .deleteFrom("sign_in_code")
    .where("code_hash", "=", digestOf(code))
    .returning(["person_id", "way", "expires_at"])
    .executeTakeFirst();
  if (taken && taken.expires_at > now) return taken;
  throw new PrunellaError("PRUNELLA_SIGN_IN_CODE_INVALID", {
    hint: "Run `prunella sign-in` in a terminal for a fresh link.",
  });
}

/** Who is signed in in a browser. */
export interface SignedInAs {
  readonly sessionId: string;
  /** null: whom a link of the data folder's holder signed in. */
  readonly person: { readonly id: string; readonly name: string } | null;
  readonly rights: Rights;
}

async function sessionOf(db: Engine["reader"], now: number, token: string) {
  const row = await db
    .selectFrom("session")
    .leftJoin("person", "person.person_id", "session.person_id")
    .select(["session_id", "session.person_id", "person.name", "seen_at", "expires_at"])
    .where("token_hash", "=", digestOf(token))
    .executeTakeFirst();
  return row !== undefined && row.expires_at > now ? row : null;
}

export async function signOut(tx: Tx, token: string): Promise<void> {
  await tx.db.deleteFrom("session").where("token_hash", "=", digestOf(token)).execute();
}

const EXPIRING = ["session", "sign_in_code", "invitation", "challenge", "personal_token"] as const;

async function forgetExpired(tx: Tx, now: number): Promise<void> {
  for (const table of EXPIRING) await tx.db.deleteFrom(table).where("expires_at", "<=", now).execute();
}

export const expiredSignIns: Duty = { name: "expired_sign_ins", run: (tx, now) => forgetExpired(tx, now) };

/** How browsers and people get in, and what they may. */
export function createAccess(core: Core) {
  const { db, writer, clock, rng, newId, log } = core;
  const now = () => clock.now();
  const told = () => core.publish("ledger", "head");
  const rightsOf = async (personId: string | null): Promise<Rights> =>
    personId === null ? EVERYTHING : ((await readRights(db, [personId])).get(personId) ?? NOTHING);

  /** Nobody waits for it, and it is no loss when it does not come about. */
  const seen = (write: (tx: Tx) => Promise<unknown>): void => {
    writer
      .run(async (tx) => void (await write(tx)))
      .catch(() => log.warn("when somebody was last seen was not written"));
  };

  const begin = (tx: Tx, personId: string | null, way: Parameters<typeof beginSession>[1]["way"], whence: Whence) =>
    beginSession(tx, { now: now(), rng, newId, personId, way, whence });

  return {
    mint: () => writer.run((tx) => mintSignInCode(tx, now(), rng)),
    /** `allowsLinks`: whether a link that names nobody is good. */
    signIn: (code: string, whence: Whence = NOWHERE, allowsLinks = true): Promise<NewSession> =>
      writer.run(async (tx) => {
        const { person_id, way } = await useSignInCode(tx, now(), code);
        if (person_id === null && !allowsLinks) throw new PrunellaError("PRUNELLA_SIGN_IN_CODE_INVALID");
        return begin(tx, person_id, way, whence);
      }),
    acceptInvitation: async (code: string, whence: Whence): Promise<NewSession> => {
      const session = await writer.run(async (tx) =>
        begin(tx, await useInvitation(tx, now(), code), "invitation", whence),
      );
      told();
      return session;
    },
    hasSession: async (token: string): Promise<boolean> => (await sessionOf(db, now(), token)) !== null,
    /** null: nobody. */
    async whoHas(token: string): Promise<SignedInAs | null> {
      const at = now();
      const row = await sessionOf(db, at, token);
      if (row === null) return null;
      if (at - row.seen_at >= SEEN_MS)
        seen((tx) =>
          tx.db.updateTable("session").set({ seen_at: at }).where("session_id", "=", row.session_id).execute(),
        );
      const person = row.person_id === null || row.name === null ? null : { id: row.person_id, name: row.name };
      return { sessionId: row.session_id, person, rights: await rightsOf(row.person_id) };
    },
    /** null: the secret is nobody's. */
    async whoseToken(secret: string): Promise<{ token: PersonalToken; rights: Rights } | null> {
      const at = now();
      const token = await tokenOf(db, at, secret);
      if (token === null) return null;
      if (at - (token.used_at ?? 0) >= SEEN_MS)
        seen((tx) =>
          tx.db.updateTable("personal_token").set({ used_at: at }).where("token_id", "=", token.id).execute(),
        );
      return { token, rights: narrowed(await rightsOf(token.person.id), token.project) };
    },
    /** For who has shown by another way who they are. */
    signInAs: (personId: string, way: "password" | "passkey", whence: Whence): Promise<NewSession> =>
      writer.run((tx) => begin(tx, personId, way, whence)),
    /** A one-time code for a page that comes back from another provider. */
    async mintFor(given: Omit<Parameters<typeof personOfIdentity>[1], "now" | "newId">): Promise<string> {
      const code = await writer.run(async (tx) => {
        const personId = await personOfIdentity(tx, { now: now(), newId, ...given });
        return mintSignInCode(tx, now(), rng, { personId, way: "oidc" });
      });
      told();
      return code;
    },
    keepChallenge: (given: Challenge) => writer.run((tx) => keepChallenge(tx, given)),
    takeChallenge: (kind: string, secret: string) => writer.run((tx) => takeChallenge(tx, now(), kind, secret)),

    credentialsOf: (nameOrId: string) => credentialsOf(db, nameOrId),
    /** Answers the sessions that ended with it. */
    setPassword: (personId: string, password: string, except: string): Promise<string[]> =>
      writer.run(async (tx) => {
        await setPassword(tx, personId, password);
        return endSessions(tx, personId, except);
      }),
    wantCodes: (personId: string, secret: string) => writer.run((tx) => wantCodes(tx, personId, secret)),
    confirmCodes: (given: Parameters<typeof confirmCodes>[1]) => writer.run((tx) => confirmCodes(tx, given)),
    takeStep: (personId: string, step: number) => writer.run((tx) => takeStep(tx, personId, step)),
    takeRecoveryCode: (personId: string, code: string) => writer.run((tx) => takeRecoveryCode(tx, personId, code)),
    countRecoveryCodes: (personId: string) => countRecoveryCodes(db, personId),
    passkeysOf: (personId: string) => passkeysOf(db, personId),
    passkeyOf: (credentialId: string) => passkeyOf(db, credentialId),
    addPasskey: (given: Omit<Parameters<typeof addPasskey>[1], "created_at">) =>
      writer.run((tx) => addPasskey(tx, { ...given, created_at: now() })),
    countPasskey: (credentialId: string, counter: number) =>
      writer.run((tx) => countPasskey(tx, now(), credentialId, counter)),
    removePasskey: (personId: string, credentialId: string) =>
      writer.run((tx) => removePasskey(tx, personId, credentialId)),

    signOut: (token: string) => writer.run((tx) => signOut(tx, token)),

    listPeople: (given: Parameters<typeof listPeople>[1]) => listPeople(db, given),
    listNames: () => listNames(db),
    findPerson: async (typed: string) => toPerson(db, await findPerson(db, typed)),
    hasPeople: async (): Promise<boolean> =>
      (await db
        .selectFrom("person")
        .select("person_id")
        .where("state", "<>", "removed")
        .limit(1)
        .executeTakeFirst()) !== undefined,
    /** With a role and an invitation, at once. */
    async addPerson(given: { name: string; email: string | null; role: Role; project: string | null; by: Actor }) {
      const { name, email, role, project, by } = given;
      const { row, code, expiresAt } = await writer.run(async (tx) => {
        const added = await addPerson(tx, { now: now(), newId, name, email, by });
        await setRole(tx, { now: now(), personId: added.person_id, project, role, by });
        return { row: added, ...(await invite(tx, { now: now(), rng, newId, personId: added.person_id, by })) };
      });
      told();
      return { person: await toPerson(db, row), code, expiresAt };
    },
    async setRole(personId: string, given: { project: string | null; role: Role | null; by: Actor }) {
      await writer.run((tx) => setRole(tx, { now: now(), personId, ...given }));
      told();
    },
    async removePerson(personId: string, by: Actor) {
      await writer.run((tx) => removePerson(tx, now(), personId, by));
      told();
    },

    async invite(personId: string, by: Actor) {
      const invited = await writer.run((tx) => invite(tx, { now: now(), rng, newId, personId, by }));
      told();
      return invited;
    },
    listInvitations: () => listInvitations(db, now()),
    withdrawInvitation: (id: string) => writer.run((tx) => withdrawInvitation(tx, id)),

    /** `person` undefined: everybody's; null: of those that a link signed in. */
    listSessions: (person: string | null | undefined, current: string | null) =>
      listSessions(db, now(), person, current),
    endSession: (person: string | null | undefined, id: string) => writer.run((tx) => endSession(tx, person, id)),
    endSessions: (person: string | null | undefined, except: string | null) =>
      writer.run((tx) => endSessions(tx, person, except)),

    async createToken(given: Omit<Parameters<typeof createToken>[1], "now" | "rng" | "newId">) {
      const { id, secret } = await writer.run((tx) => createToken(tx, { now: now(), rng, newId, ...given }));
      const [token] = await listTokens(db, now(), { id });
      if (token === undefined) throw new PrunellaError("PRUNELLA_INTERNAL");
      return { token, secret };
    },
    listTokens: (person: string | undefined) => listTokens(db, now(), person === undefined ? {} : { person }),
    revokeToken: (person: string | undefined, id: string) => writer.run((tx) => revokeToken(tx, person, id)),
  };
}

const NOTHING: Rights = { everywhere: null, inProjects: new Map() };
