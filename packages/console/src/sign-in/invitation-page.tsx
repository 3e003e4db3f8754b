import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { call } from "../api/client.ts";
import { keepPageKey } from "../api/page-key.ts";
import flower from "../flower.svg";
import { useTry } from "../parts/use-try.ts";
import { useTitle } from "../shell/shell.tsx";

/** Opens with an invitation behind the `#`; it is used up only when a person says so, and not by who looks at links. */
export function InvitationPage() {
  useTitle("Invitation");
  const client = useQueryClient();
  const router = useRouter();
  const [code] = useState(() => new URLSearchParams(window.location.hash.slice(1)).get("code"));
  const { busy, problem, run } = useTry();
  useEffect(() => {
    // It leaves the address at once, so that it is not in the history or in a shared link.
    window.history.replaceState(window.history.state, "", window.location.pathname);
  }, []);
  const accept = (given: string) =>
    run(async () => {
      keepPageKey((await call("POST /v1/invitation", { code: given })).page_key);
      client.clear();
      router.history.replace("/account");
    });
  return (
    <main className="mx-auto flex min-h-dvh max-w-120 flex-col justify-center gap-5 px-4 py-10">
      <div className="flex items-center gap-3">
        <img src={flower} alt="" width="36" height="36" />
        <h1 className="text-xl font-semibold">You are invited to Prunella</h1>
      </div>
      {code === null ? (
        <p>This page needs the whole link that you were given, with what stands behind its #.</p>
      ) : (
        <>
          <p>
            The link signs you in once. On the next page you choose how you sign in from then on: a passkey, or a
            password with codes.
          </p>
          <button type="button" className="button button-primary" disabled={busy} onClick={() => accept(code)}>
            {busy ? "Signing in" : "Accept the invitation"}
          </button>
        </>
      )}
      <div role="alert" className="min-h-12 text-sm text-bad">
        {problem}
      </div>
    </main>
  );
}
