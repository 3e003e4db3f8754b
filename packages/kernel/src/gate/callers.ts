import type { Actor, Args, Grant } from "@prunella/contract";
import { PrunellaError } from "@prunella/contract";
import { OPERATOR, SYSTEM } from "../actors.ts";
import type { Core } from "../core.ts";
import type { Gate } from "./gate.ts";
import { addGrant, grantOfKey, isConfigured, listGrants, revokeGrant, setGrant } from "./grants.ts";
import type { Verdict } from "./verdict.ts";

/** Callers from outside: what they may ask for, by default nothing, and how they ask. */
export function createCallers(deps: Core & { readonly gate: Gate }) {
  const { db, writer, clock, rng, newId } = deps;
  return {
    list: (projectId?: string) => listGrants(db, projectId),

    /** The key is told this once; the database keeps its digest. */
    async add(
      given: Omit<Grant, "created_at" | "revoked_at">,
      by: Actor = OPERATOR,
    ): Promise<{ grant: Grant; key: string }> {
      const key = Buffer.from(rng.bytes(32)).toString("base64url");
      const now = clock.now();
      const grant = await writer.run((tx) =>
        addGrant(tx, now, { ...given, created_at: now, revoked_at: null }, key, by),
      );
      deps.publish("ledger", "head");
      return { grant, key };
    },

    /**
     * Makes the callers of the configuration what it says: new and changed ones are set, and those that do not
     * stand there any more are over. Each change is an entry of the ledger.
     */
    async set(
      callers: readonly { readonly grant: Omit<Grant, "created_at" | "revoked_at">; readonly key: string | null }[],
    ) {
      const standing = (await listGrants(db)).filter(({ id, revoked_at }) => isConfigured(id) && revoked_at === null);
      const now = clock.now();
      await writer.run(async (tx) => {
        for (const { project_id, id } of standing)
          if (!callers.some(({ grant }) => grant.id === id && grant.project_id === project_id))
            await revokeGrant(tx, now, project_id, id, SYSTEM);
        for (const { grant, key } of callers) await setGrant(tx, now, grant, key, SYSTEM);
      });
    },

    async revoke(projectId: string, grantId: string, by: Actor = OPERATOR): Promise<void> {
      await writer.run((tx) => revokeGrant(tx, clock.now(), projectId, grantId, by));
      deps.publish("ledger", "head");
    },

    /** Asks the gate with a grant's authority. Throws PRUNELLA_SIGN_IN_REQUIRED for a key that nobody was given. */
    async ask(key: string, given: { action: string; target: string; args: Args }): Promise<Verdict> {
      const grant = await grantOfKey(db, key);
      if (!grant)
        throw new PrunellaError("PRUNELLA_SIGN_IN_REQUIRED", {
          detail: "The key belongs to no grant of this installation.",
        });
      return deps.gate.ask({
        projectId: grant.project_id,
        subject: { kind: "grant", id: grant.id },
        triggerId: null,
        ...given,
        because: { kind: "call", id: newId() },
        faultId: null,
        cause: null,
        isAwaited: true,
      });
    },
  };
}
