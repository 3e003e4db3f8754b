import type { OidcConfig } from "@prunella/contract";
import type { Kernel, Rng } from "@prunella/kernel";
import { createOidc, type Oidc } from "./oidc.ts";
import { createPasskeys, type Passkeys } from "./passkeys.ts";
import { createPasswordSignIn, type PasswordSignIn } from "./sign-in.ts";

/** How people show who they are. */
export interface WaysIn {
  readonly rng: Rng;
  readonly password: PasswordSignIn;
  readonly passkeys: Passkeys;
  /** null: there is no other provider. */
  readonly oidc: Oidc | null;
}

export function createWaysIn(given: {
  readonly kernel: Pick<Kernel, "access">;
  readonly rng: Rng;
  readonly now: () => number;
  readonly url: () => string;
  readonly oidc: { readonly config: OidcConfig; readonly secret: string | null } | null;
}): WaysIn {
  return {
    rng: given.rng,
    password: createPasswordSignIn(given),
    passkeys: createPasskeys(given),
    oidc: given.oidc === null ? null : createOidc({ ...given, ...given.oidc }),
  };
}
