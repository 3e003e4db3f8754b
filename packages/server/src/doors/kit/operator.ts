import { timingSafeEqual } from "node:crypto";
import { PrunellaError } from "@prunella/contract";

/**
 * What build tools send is believed for the operator's token alone, as `Authorization: Bearer …`.
 *
 * @throws PRUNELLA_SIGN_IN_REQUIRED
 */
export function assertOperator(authorization: string | undefined, token: string): void {
  const given = /^Bearer\s+(\S{1,512})\s*$/i.exec(authorization ?? "")?.[1];
  if (given !== undefined && isSame(given, token)) return;
  throw new PrunellaError("PRUNELLA_SIGN_IN_REQUIRED", {
    detail: given === undefined ? "The request has no auth token." : "The auth token is not this server's.",
    hint: "It stands in server.json of the data folder; set it as SENTRY_AUTH_TOKEN.",
  });
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
