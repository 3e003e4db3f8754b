import { useQueryClient } from "@tanstack/react-query";
import { useRouter, useSearch } from "@tanstack/react-router";
import { type FormEvent, useEffect, useState } from "react";
import { ApiFailure, call } from "../api/client.ts";
import { keepPageKey } from "../api/page-key.ts";
import flower from "../flower.svg";
import { spoken } from "../parts/command-words.ts";
import { CopyBlock } from "../parts/copy-block.tsx";
import { useTitle } from "../shell/shell.tsx";

/** A code works once, so a second render of the page must not spend it again. */
const spent = new Set<string>();

export function SignInPage() {
  useTitle("Sign in");
  const client = useQueryClient();
  const router = useRouter();
  const { next } = useSearch({ from: "/sign-in" });
  const [pasted, setPasted] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiFailure | null>(null);

  const signIn = async (code: string) => {
    if (spent.has(code)) return;
    spent.add(code);
    setBusy(true);
    setProblem(null);
    try {
      keepPageKey((await call("POST /v1/session", { code })).page_key);
      client.clear();
      router.history.replace(inside(next));
    } catch (error) {
      setBusy(false);
      if (!(error instanceof ApiFailure)) throw error;
      // The server never saw it, so the code is still good.
      if (error.status === 0) spent.delete(code);
      setProblem(error);
    }
  };

  useEffect(() => {
    const code = codeIn(window.location.hash);
    if (code === null) return;
    // The code leaves the address at once, so that it is not in the history or in a shared link.
    window.history.replaceState(window.history.state, "", window.location.pathname + window.location.search);
    void signIn(code);
    // Once, for the link that opened the page.
  }, []);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const code = codeIn(pasted) ?? pasted.trim();
    if (code !== "") void signIn(code);
  };

  return (
    <main className="mx-auto flex min-h-dvh max-w-120 flex-col justify-center gap-5 px-4 py-10">
      <div className="flex items-center gap-3">
        <img src={flower} alt="" width="36" height="36" />
        <h1 className="text-xl font-semibold">Sign in to Prunella</h1>
      </div>
      <p>
        There is no password. The terminal gives out a link that signs you in once. On the machine where Prunella runs,
        type this and open the link it prints:
      </p>
      <CopyBlock text={spoken("prunella sign-in")} label="the command that prints a sign-in link" />
      <p className="-mt-3 text-sm text-quiet">
        In the folder where it was started; a data folder of another name goes with it as <code>--data</code>. The whole
        line was printed at the start.
      </p>
      <form onSubmit={submit} className="flex flex-col gap-2 border-t border-line pt-5">
        <label htmlFor="code">Or paste the link or its code here</label>
        <div className="flex flex-wrap gap-2">
          <input
            id="code"
            className="field min-w-0 flex-1 basis-48 font-mono"
            value={pasted}
            onChange={(event) => setPasted(event.target.value)}
            autoComplete="one-time-code"
            autoCapitalize="none"
            spellCheck={false}
            aria-invalid={problem !== null}
            aria-describedby="sign-in-problem"
          />
          <button type="submit" className="button button-primary" disabled={busy || pasted.trim() === ""}>
            {busy ? "Signing in" : "Sign in"}
          </button>
        </div>
        <div id="sign-in-problem" role="alert" className="min-h-12 text-sm">
          {problem !== null && (
            <p className="text-bad">
              {problem.message} {problem.hint ?? (problem.status === 401 ? "Ask the terminal for a new one." : "")}
            </p>
          )}
        </div>
      </form>
    </main>
  );
}

/** The code in `…/sign-in#code=abc`, or null when the text is no such link. */
function codeIn(text: string): string | null {
  const hash = text.trim().split("#")[1];
  return hash === undefined ? null : new URLSearchParams(hash).get("code");
}

/** Only a path of our own; anything else would be a way to send people elsewhere. */
function inside(next: string | undefined): string {
  return next !== undefined && /^\/(?![/\\])/.test(next) ? next : "/";
}
