import { PrunellaError } from "@prunella/contract";
import type { ACCOUNT } from "@prunella/contract/operations";
import { newRecoveryCodes, newSecret, stepOf } from "../../people/codes.ts";
import { OIDC_COOKIE } from "../../people/oidc.ts";
import { assertStrong } from "../../people/password.ts";
import type { Context, Handlers } from "../handler.ts";
import { admit } from "./access.ts";

/** Of an operation of the kind `account`: the session of a person. */
function self({ caller }: Context) {
  if (caller?.kind !== "session" || caller.person === null) throw new PrunellaError("PRUNELLA_SIGN_IN_REQUIRED");
  return { ...caller.person, sessionId: caller.sessionId };
}

const credentials = async (context: Context) => {
  const known = await context.kernel.access.credentialsOf(self(context).id);
  if (known === null) throw new PrunellaError("PRUNELLA_SIGN_IN_REQUIRED");
  return known;
};

export const account: Handlers<typeof ACCOUNT> = {
  async sign_in_by_password({ name, password, code }, context) {
    const { waysIn, whence, kernel } = context;
    const personId = await waysIn.password.signIn({ name, password, code, address: whence.address });
    return admit(await kernel.access.signInAs(personId, "password", whence), context);
  },
  begin_passkey_sign_in: (_input, { waysIn }) => waysIn.passkeys.begin(),
  async sign_in_by_passkey({ used }, context) {
    const personId = await context.waysIn.passkeys.use(used);
    return admit(await context.kernel.access.signInAs(personId, "passkey", context.whence), context);
  },
  async begin_oidc(_input, { waysIn, headers, url }) {
    if (waysIn.oidc === null)
      throw new PrunellaError("PRUNELLA_NOT_FOUND", {
        detail: "This server knows no other provider.",
        hint: "Name one under `oidc` in prunella.yaml.",
      });
    const { url: to, browser } = await waysIn.oidc.begin();
    const secure = url().startsWith("https:") ? "; Secure" : "";
    headers.set("set-cookie", `${OIDC_COOKIE}=${browser}; Path=/oidc; HttpOnly; SameSite=Lax; Max-Age=600${secure}`);
    return { url: to };
  },

  async get_account(_input, context) {
    const { kernel, waysIn } = context;
    const known = await credentials(context);
    const person = await kernel.access.findPerson(known.person_id);
    return {
      person: { id: person.id, name: person.name, email: person.email },
      has_password: known.password !== null,
      has_codes: known.totp_secret !== null,
      recovery_codes: await kernel.access.countRecoveryCodes(known.person_id),
      passkeys: (await kernel.access.passkeysOf(known.person_id)).map((each) => ({
        id: each.credential_id,
        title: each.title,
        created_at: each.created_at,
        used_at: each.used_at,
      })),
      passkey_origin: waysIn.passkeys.place()?.origin ?? null,
    };
  },
  async set_password({ password, current }, context) {
    const { kernel, waysIn, whence, streams } = context;
    const me = self(context);
    if ((await credentials(context)).password !== null)
      await waysIn.password.assertPassword(me, current ?? "", whence.address);
    assertStrong(password, me.name);
    const hashed = await waysIn.password.passwords.hash(password);
    for (const ended of await kernel.access.setPassword(me.id, hashed, me.sessionId)) streams.end(ended);
  },
  async begin_codes({ password }, context) {
    const { kernel, waysIn, whence } = context;
    const me = self(context);
    await waysIn.password.assertPassword(me, password, whence.address);
    const { secret, url } = await newSecret(waysIn.rng, me.name);
    await kernel.access.wantCodes(me.id, secret);
    return { secret, url };
  },
  async confirm_codes({ code }, context) {
    const { kernel, waysIn, now } = context;
    const { person_id: personId, name, totp_wanted: secret } = await credentials(context);
    const step = secret === null ? null : await stepOf(secret, name, code, now());
    if (secret === null || step === null)
      throw new PrunellaError("PRUNELLA_SIGN_IN_REFUSED", {
        detail: "That is no code of the secret that was shown.",
        hint: "Look at the clock of the device: it may be off by half a minute.",
      });
    const recoveryCodes = newRecoveryCodes(waysIn.rng);
    await kernel.access.confirmCodes({ personId, secret, step, recoveryCodes });
    return { recovery_codes: recoveryCodes };
  },
  begin_passkey: (_input, context) => context.waysIn.passkeys.beginAdding(self(context)),
  add_passkey: ({ title, made }, context) => context.waysIn.passkeys.add(self(context).id, title, made),
  remove_passkey: ({ id }, context) => context.kernel.access.removePasskey(self(context).id, id),
};
