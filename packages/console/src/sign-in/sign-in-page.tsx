import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter, useSearch } from "@tanstack/react-router";
import { type FormEvent, lazy, Suspense, useEffect, useState } from "react";
import { ApiFailure, call } from "../api/client.ts";
import { keepPageKey } from "../api/page-key.ts";
import { signInWaysQuery } from "../api/queries.ts";
import flower from "../flower.svg";
import { spoken } from "../parts/command-words.ts";
import { CopyBlock } from "../parts/copy-block.tsx";
import { useTitle } from "../shell/shell.tsx";

/** Where nobody has a name yet, no page waits for it. */
const ByPerson = lazy(() => import("./by-person.tsx").then((module) => ({ default: module.ByPerson })));

/** A code works once, so a second render of the page must not spend it again. */
const spent = new Set<string>();

export function SignInPage() {
  useTitle("Sign in");
  const client = useQueryClient();
  const router = useRouter();
  const { next } = useSearch({ from: "/sign-in" });
  const ways = useQuery(signInWaysQuery);
  const [pasted, setPasted] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  const enter = (pageKey: string) => {
    keepPageKey(pageKey);
    client.clear();
    router.history.replace(inside(next));
  };

  const signIn = async (code: string) => {
    if (spent.has(code)) return;
    spent.add(code);
    setBusy(true);
    setProblem(null);
    try {
      enter((await call("POST /v1/session", { code })).page_key);
    } catch (error) {
      setBusy(false);
      if (!(error instanceof ApiFailure)) throw error;
      // The server never saw it, so the code is still good.
      if (error.status === 0) spent.delete(code);
      setProblem(`${error.message} ${error.hint ?? (error.status === 401 ? "Ask the terminal for a new one." : "")}`);
    }
  };

  useEffect(() => {
    const given = inHash(window.location.hash);
    if (given === null) return;
    // It leaves the address at once, so that it is not in the history or in a shared link.
    window.history.replaceState(window.history.state, "", window.location.pathname + window.location.search);
    if (given.code !== null) void signIn(given.code);
    else if (given.problem !== null) setProblem(ELSEWHERE[given.problem] ?? ELSEWHERE_FAILED);
    // Once, for the link that opened the page.
  }, []);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const code = inHash(pasted)?.code ?? pasted.trim();
    if (code !== "") void signIn(code);
  };

  // Without an answer there is still the way that every server has at first.
  const hasLinks = ways.data?.link ?? true;
  const hasPeople = ways.data !== undefined && (ways.data.people || ways.data.oidc !== null);
  return (
    <main className="mx-auto flex min-h-dvh max-w-120 flex-col justify-center gap-5 px-4 py-10">
      <div className="flex items-center gap-3">
        <img src={flower} alt="" width="36" height="36" />
        <h1 className="text-xl font-semibold">Sign in to Prunella</h1>
      </div>
      {hasPeople && (
        <Suspense>
          <ByPerson ways={ways.data} onSignedIn={enter} />
        </Suspense>
      )}
      {!ways.isPending && !hasPeople && !hasLinks && (
        <p>
          Nobody can sign in yet. On the machine where Prunella runs,{" "}
          <code>{spoken("prunella people add ada --role owner")}</code> prints an invitation for ada.
        </p>
      )}
      {!ways.isPending && hasLinks && (
        <section aria-labelledby="by-link" className={hasPeople ? "border-t border-line pt-5" : ""}>
          {hasPeople ? (
            <h2 id="by-link" className="font-semibold">
              By a link of the terminal
            </h2>
          ) : (
            <h2 id="by-link" className="sr-only">
              By a link
            </h2>
          )}
          <p className="mb-3">
            {hasPeople ? "" : "There is no password. "}The terminal gives out a link that signs you in once. On the
            machine where Prunella runs, type this and open the link it prints:
          </p>
          <CopyBlock text={spoken("prunella sign-in")} label="the command that prints a sign-in link" />
          <p className="mt-2 text-sm text-quiet">
            In the folder where it was started; a data folder of another name goes with it as <code>--data</code>. The
            whole line was printed at the start.
          </p>
          <form onSubmit={submit} className="mt-5 flex flex-col gap-2 border-t border-line pt-5">
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
              <button
                type="submit"
                className={hasPeople ? "button" : "button button-primary"}
                disabled={busy || pasted.trim() === ""}
              >
                {busy ? "Signing in" : "Sign in"}
              </button>
            </div>
          </form>
        </section>
      )}
      <div id="sign-in-problem" role="alert" className="min-h-12 text-sm">
        {problem !== null && <p className="text-bad">{problem}</p>}
      </div>
    </main>
  );
}

const ELSEWHERE_FAILED = "The other provider did not sign you in. Try again.";
/** What comes back in the address is a word of ours; what is shown stands here. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  PRUNELLA_SIGN_IN_REFUSED: "You are known over there, but may not come in here. An owner can add you.",
  PRUNELLA_PROVIDER_FAILED: ELSEWHERE_FAILED,
};

/** What stands behind the `#` of `…/sign-in#code=abc`, or null when the text is no such link. */
function inHash(text: string): { code: string | null; problem: string | null } | null {
  const hash = text.trim().split("#")[1];
  if (hash === undefined) return null;
  const given = new URLSearchParams(hash);
  return { code: given.get("code"), problem: given.get("problem") };
}

/** Only a path of our own; anything else would be a way to send people elsewhere. */
function inside(next: string | undefined): string {
  return next !== undefined && /^\/(?![/\\])/.test(next) ? next : "/";
}
