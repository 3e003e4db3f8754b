import { type FormEvent, useState } from "react";
import type { InputOf, Operations, OutputOf } from "@prunella/contract";
import { call } from "../api/client.ts";
import { isPasskeyPlace, usePasskey } from "../api/passkeys.ts";
import { Field, PasswordField } from "../parts/field.tsx";
import { useTry } from "../parts/use-try.ts";

type Ways = OutputOf<Operations["list_sign_in_ways"]>;

/** The ways in of people with names: password and code, passkey, another provider. */
export function ByPerson({ ways, onSignedIn }: { ways: Ways; onSignedIn: (pageKey: string) => void }) {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const { busy, problem, setProblem, run } = useTry();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    run(async () => onSignedIn((await call("POST /v1/session/password", { name, password, code })).page_key));
  };
  const byPasskey = () =>
    run(async () => {
      const { options } = await call("POST /v1/session/passkey/options", {});
      const used = await usePasskey<InputOf<Operations["sign_in_by_passkey"]>["used"]>(options);
      if (used.kind === "refused") return setProblem("The browser gave no passkey. Try again, or use another way in.");
      onSignedIn((await call("POST /v1/session/passkey", { used: used.answer })).page_key);
    });
  const elsewhere = () => run(async () => window.location.assign((await call("POST /v1/session/oidc", {})).url));
  return (
    <div className="flex flex-col gap-4">
      {isPasskeyPlace(ways.passkey_origin) && (
        <button type="button" className="button button-primary" disabled={busy} onClick={byPasskey}>
          Sign in with a passkey
        </button>
      )}
      {ways.oidc !== null && (
        <button type="button" className="button" disabled={busy} onClick={elsewhere}>
          Sign in with {ways.oidc}
        </button>
      )}
      <form onSubmit={submit} className="flex flex-col gap-3 border-t border-line pt-4">
        <Field
          isLine
          label="Name"
          value={name}
          onChange={({ target }) => setName(target.value)}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={40}
          required
        />
        <PasswordField isLine label="Password" value={password} onText={setPassword} />
        <Field
          isLine
          label="Code"
          hint="Six digits of your app, or one of your recovery codes."
          value={code}
          onChange={({ target }) => setCode(target.value)}
          autoComplete="one-time-code"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={40}
          required
        />
        <button type="submit" className="button" disabled={busy || name === "" || password === "" || code === ""}>
          {busy ? "Signing in" : "Sign in"}
        </button>
        <div role="alert" className="min-h-12 text-sm text-bad">
          {problem}
        </div>
      </form>
      {ways.passkey_origin !== null && !isPasskeyPlace(ways.passkey_origin) && (
        <p className="text-sm text-quiet">
          Passkeys work at{" "}
          <a href={ways.passkey_origin} className="link">
            {ways.passkey_origin}
          </a>
          , in a browser that knows them.
        </p>
      )}
    </div>
  );
}
