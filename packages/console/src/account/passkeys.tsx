import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { Account, InputOf, Operations } from "@prunella/contract";
import { call } from "../api/client.ts";
import { isPasskeyPlace, makePasskey } from "../api/passkeys.ts";
import { Field } from "../parts/field.tsx";
import { Ago } from "../parts/time.tsx";
import { useTry } from "../parts/use-try.ts";
import { toast } from "../shell/toasts.tsx";
import { EndButton, OwnRow } from "./own-row.tsx";

type Made = InputOf<Operations["add_passkey"]>["made"];

export function Passkeys({ account }: { account: Account }) {
  const client = useQueryClient();
  const [title, setTitle] = useState("");
  const { busy, problem, setProblem, run } = useTry();
  const refresh = () => client.invalidateQueries({ queryKey: ["account"] });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    run(async () => {
      const { options } = await call("POST /v1/account/passkeys/options", {});
      const made = await makePasskey<Made>(options);
      if (made.kind === "refused") return setProblem("The browser made no passkey.");
      await call("POST /v1/account/passkeys", { title: title.trim(), made: made.answer });
      toast(`Passkey ${title.trim()} added.`);
      setTitle("");
      await refresh();
    });
  };
  const remove = (id: string) =>
    run(async () => {
      await call("DELETE /v1/account/passkeys/:id", { id });
      await refresh();
    });
  return (
    <section aria-labelledby="passkeys">
      <h2 id="passkeys" className="font-semibold">
        Passkeys
      </h2>
      <p className="mt-1 max-w-160 text-quiet">
        Your device shows that it is you, by your finger, face or its PIN. Nothing is typed, so nothing can be stolen by
        a page that looks like this one.
      </p>
      {account.passkeys.length > 0 && (
        <ul className="mt-3 border-t border-line">
          {account.passkeys.map((passkey) => (
            <OwnRow
              key={passkey.id}
              title={passkey.title}
              end={
                <EndButton
                  word="Remove"
                  label={`Remove the passkey ${passkey.title}`}
                  isBusy={busy}
                  onPress={() => remove(passkey.id)}
                />
              }
            >
              added <Ago at={passkey.created_at} />, {passkey.used_at === null ? "not used yet" : "used "}
              {passkey.used_at !== null && <Ago at={passkey.used_at} />}
            </OwnRow>
          ))}
        </ul>
      )}
      {isPasskeyPlace(account.passkey_origin) ? (
        <form onSubmit={submit} className="mt-3 flex max-w-160 flex-wrap items-end gap-3">
          <Field
            label="Name of a new passkey"
            value={title}
            placeholder="phone"
            maxLength={80}
            autoComplete="off"
            onChange={({ target }) => setTitle(target.value)}
          />
          <button type="submit" className="button" disabled={busy || title.trim() === ""}>
            Add a passkey
          </button>
        </form>
      ) : (
        <p className="mt-3 max-w-160 text-sm">
          {account.passkey_origin === null ? (
            <>
              Browsers bind passkeys to a name with TLS. This server is reached by a number, or in the clear: set{" "}
              <code>server.public_url</code>.
            </>
          ) : (
            <>
              Browsers bind passkeys to a name. Open{" "}
              <a href={`${account.passkey_origin}/account`} className="link">
                {account.passkey_origin}
              </a>{" "}
              to add one.
            </>
          )}
        </p>
      )}
      <div role="alert" className="mt-1 min-h-5 text-sm text-bad">
        {problem}
      </div>
    </section>
  );
}
