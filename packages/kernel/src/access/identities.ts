import { PersonName, PrunellaError, type Role } from "@prunella/contract";
import { lockHead } from "../ledger/append.ts";
import { SYSTEM } from "../actors.ts";
import type { NewId } from "../ids.ts";
import type { Tx } from "../store/engine.ts";
import { addPerson, setRole, tellChange } from "./people.ts";

/** Somebody as another provider knows them, after everything that it said was checked. */
export interface Identity {
  readonly issuer: string;
  readonly subject: string;
  /** As they would like to be called. */
  readonly name: string;
  /** Only when the provider says that it has seen it to be theirs. */
  readonly verifiedMail: string | null;
}

/**
 * Whose identity it is. One that was seen before is whose it was; else the person whom an owner gave this
 * verified mail address; else somebody new with the role for those. Never by an unverified address: anybody
 * could have written that.
 */
export async function personOfIdentity(
  tx: Tx,
  given: {
    now: number;
    newId: NewId;
    identity: Identity;
    /** Whether somebody whom nobody here knows may come in; with this role. */
    mayBeNew: boolean;
    role: Role;
    project: string | null;
  },
): Promise<string> {
  await lockHead(tx);
  const { now, newId, identity, role, project } = given;
  const { issuer, subject, verifiedMail } = identity;
  const known = await tx.db
    .selectFrom("identity")
    .select("person_id")
    .where("issuer", "=", issuer)
    .where("subject", "=", subject)
    .executeTakeFirst();
  if (known) return known.person_id;
  const byMail =
    verifiedMail === null
      ? undefined
      : await tx.db.selectFrom("person").select("person_id").where("email", "=", verifiedMail).executeTakeFirst();
  let personId = byMail?.person_id;
  if (personId === undefined) {
    if (!given.mayBeNew)
      throw new PrunellaError("PRUNELLA_SIGN_IN_REFUSED", {
        detail: "Nobody here is known by that identity.",
        hint: "Ask an owner to add you with your mail address.",
      });
    const added = await addPerson(tx, {
      now,
      newId,
      name: await freeName(tx, identity.name),
      email: verifiedMail,
      by: SYSTEM,
    });
    personId = added.person_id;
    await setRole(tx, { now, personId, project, role, by: SYSTEM });
  }
  await tx.db.insertInto("identity").values({ issuer, subject, person_id: personId }).execute();
  await tx.db.deleteFrom("invitation").where("person_id", "=", personId).execute();
  await tx.db.updateTable("person").set({ state: "active" }).where("person_id", "=", personId).execute();
  await tellChange(tx, now, personId, "joined", { kind: "person", id: personId });
  return personId;
}

/** Names are short and plain; what a provider calls somebody is made one, with a number where it is taken. */
async function freeName(tx: Tx, wanted: string): Promise<string> {
  const plain = wanted
    .toLowerCase()
    .normalize("NFKD")
    .replaceAll(/[^a-z0-9._-]+/g, "")
    .replaceAll(/^[^a-z0-9]+|[^a-z0-9]+$/g, "")
    .slice(0, 36)
    .replace(/[^a-z0-9]+$/, "");
  const base = PersonName.safeParse(plain).success ? plain : "person";
  for (let n = 1; n < 1_000; n += 1) {
    const name = n === 1 ? base : `${base}${n}`;
    const taken = await tx.db.selectFrom("person").select("name").where("name", "=", name).executeTakeFirst();
    if (!taken) return name;
  }
  throw new PrunellaError("PRUNELLA_CONFLICT", { detail: "There is no free name for this person." });
}
