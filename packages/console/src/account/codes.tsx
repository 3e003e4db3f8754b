import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { Account } from "@prunella/contract";
import { call } from "../api/client.ts";
import { CopyBlock } from "../parts/copy-block.tsx";
import { Field, PasswordField } from "../parts/field.tsx";
import { useTry } from "../parts/use-try.ts";

type Step =
  | { readonly kind: "ask" }
  | { readonly kind: "prove"; readonly secret: string; readonly url: string }
  | { readonly kind: "keep"; readonly codes: readonly string[] };

/** Secret into the app, a code out of it, recovery codes into a drawer. */
export function Codes({ account, password }: { account: Account; password: string | null }) {
  const client = useQueryClient();
  const [step, setStep] = useState<Step>({ kind: "ask" });
  const [typed, setTyped] = useState("");
  const [code, setCode] = useState("");
  const { busy, problem, run } = useTry();
  const begin = (event: FormEvent) => {
    event.preventDefault();
    run(async () => {
      setStep({ kind: "prove", ...(await call("POST /v1/account/codes", { password: password ?? typed })) });
      setTyped("");
    });
  };
  const prove = (event: FormEvent) => {
    event.preventDefault();
    run(async () => {
      const { recovery_codes: codes } = await call("POST /v1/account/codes/confirm", { code: code.trim() });
      setStep({ kind: "keep", codes });
      setCode("");
      await client.invalidateQueries({ queryKey: ["account"] });
    });
  };
  return (
    <div className="mt-4 max-w-160">
      <h3 className="section-title">Codes of six digits</h3>
      {step.kind === "ask" && (
        <form onSubmit={begin} className="mt-2 flex flex-wrap items-end gap-3">
          {password === null && <PasswordField label="Your password" value={typed} onText={setTyped} />}
          <button type="submit" className="button" disabled={busy || (password ?? typed) === ""}>
            {account.has_codes ? "Set up a new app" : "Set up an app for codes"}
          </button>
        </form>
      )}
      {step.kind === "prove" && (
        <>
          <p className="mb-2 mt-1">
            Give this secret to an app for codes (2FAS, Aegis, a password manager…); on this device{" "}
            <a href={step.url} className="link">
              open the app
            </a>
            . It is not shown again.
          </p>
          <CopyBlock text={step.secret} label="the secret for the app" />
          <form onSubmit={prove} className="mt-3 flex flex-wrap items-end gap-3">
            <Field
              label="The code that the app shows"
              value={code}
              onChange={({ target }) => setCode(target.value)}
              inputMode="numeric"
              autoComplete="one-time-code"
              maxLength={10}
              required
            />
            <button type="submit" className="button button-primary" disabled={busy || code.trim() === ""}>
              Confirm
            </button>
          </form>
        </>
      )}
      {step.kind === "keep" && (
        <>
          <p className="mb-2 mt-1">
            Codes count from now on. Keep these recovery codes where the app is not: each signs you in once instead of
            six digits. They are not shown again.
          </p>
          <CopyBlock text={step.codes.join("\n")} label="recovery codes" />
          <button type="button" className="button mt-3" onClick={() => setStep({ kind: "ask" })}>
            I have kept them
          </button>
        </>
      )}
      <div role="alert" className="mt-1 min-h-5 text-sm text-bad">
        {problem}
      </div>
    </div>
  );
}
