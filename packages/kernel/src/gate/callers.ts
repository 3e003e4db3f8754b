import type { Actor, Args, Grant } from "@prunella/contract";
import { PrunellaError } from "@prunella/contract";
import { OPERATOR } from "../actors.ts";
import type { Core } from "../core.ts";
import type { Gate } from "./gate.ts";
import { addGrant, grantOfKey, listGrants, revokeGrant } from "./grants.ts";
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
