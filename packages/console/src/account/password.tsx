import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { Account } from "@prunella/contract";
import { call } from "../api/client.ts";
import { PasswordField } from "../parts/field.tsx";
import { useTry } from "../parts/use-try.ts";
import { plural } from "../parts/words.ts";
import { toast } from "../shell/toasts.tsx";
import { Codes } from "./codes.tsx";

/** A password and the codes that go with it; one is nothing without the other. */
export function Password({ account }: { account: Account }) {
  const client = useQueryClient();
  const [current, setCurrent] = useState("");
  const [fresh, setFresh] = useState("");
  /** Kept for the next step of this page, so that it is not asked for twice in a row. */
  const [known, setKnown] = useState<string | null>(null);
  const { busy, problem, run } = useTry();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    run(async () => {
      await call("POST /v1/account/password", { password: fresh, ...(account.has_password ? { current } : {}) });
      toast(account.has_password ? "Password changed; your other sessions have ended." : "Password set.");
      setKnown(fresh);
      setCurrent("");
      setFresh("");
      await client.invalidateQueries({ queryKey: ["account"] });
      await client.invalidateQueries({ queryKey: ["sessions"] });
    });
  };
  return (
    <section aria-labelledby="password">
      <h2 id="password" className="font-semibold">
        Password and codes
      </h2>
      <p className="mt-1 max-w-160 text-quiet">
        A password signs you in together with a code of six digits that an app shows.{" "}
        {account.has_password && account.has_codes
          ? `Both are set up; ${plural(account.recovery_codes, "recovery code")} left.`
          : account.has_password
            ? "The password is set; the codes are still to come."
            : "Neither is set up."}
      </p>
      <form onSubmit={submit} className="mt-3 flex max-w-160 flex-wrap items-start gap-3">
        {/* Password managers want to know for whom. */}
        <input type="hidden" name="username" autoComplete="username" value={account.person.name} readOnly />
        {account.has_password && <PasswordField label="Present password" value={current} onText={setCurrent} />}
        <PasswordField
          label={account.has_password ? "New password" : "Password"}
          hint="At least twelve characters; any are allowed, spaces too."
          value={fresh}
          onText={setFresh}
          isNew
        />
        <button type="submit" className="button mt-6" disabled={busy || fresh === ""}>
          {account.has_password ? "Change the password" : "Set the password"}
        </button>
        <div role="alert" className="min-h-5 basis-full text-sm text-bad">
          {problem}
        </div>
      </form>
      {account.has_password && <Codes account={account} password={known} />}
    </section>
  );
}
