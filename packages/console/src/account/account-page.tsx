import { useQuery } from "@tanstack/react-query";
import { accountQuery, meQuery } from "../api/queries.ts";
import { Command } from "../parts/command.tsx";
import { Problem } from "../parts/problem.tsx";
import { useTitle } from "../shell/shell.tsx";
import { Passkeys } from "./passkeys.tsx";
import { Password } from "./password.tsx";
import { Sessions } from "./sessions.tsx";
import { Tokens } from "./tokens.tsx";

/** How one signs in oneself, where one is signed in, and what scripts may do in one's name. */
export function AccountPage() {
  useTitle("My account");
  const me = useQuery(meQuery).data;
  return (
    <div className="page pb-12 pt-4">
      <h1 className="text-lg font-semibold">{me?.person ? `My account: ${me.person.name}` : "My account"}</h1>
      {me?.person === null && (
        <div className="mt-5 space-y-10">
          <section aria-labelledby="by-link" className="max-w-160">
            <h2 id="by-link" className="font-semibold">
              You are signed in by a link
            </h2>
            <p className="mb-3 mt-1 text-quiet">
              As the one operator, who has no name. To have one, with a password or a passkey and tokens, add yourself
              under Settings, or where Prunella runs, with your name in the place of ada:
            </p>
            <Command words="people add ada --role owner" label="the command that adds a person" />
          </section>
          <Sessions />
        </div>
      )}
      {me !== undefined && me.person !== null && <Own />}
    </div>
  );
}

function Own() {
  const query = useQuery(accountQuery);
  if (query.isError)
    return (
      <Problem
        what="Your account could not be fetched."
        error={query.error}
        works="You are still signed in."
        onRetry={() => void query.refetch()}
      />
    );
  if (query.data === undefined) return null;
  const account = query.data;
  const hasWay = (account.has_password && account.has_codes) || account.passkeys.length > 0;
  return (
    <div className="mt-5 space-y-10">
      {!hasWay && (
        <p className="max-w-160 border-l-2 border-bad pl-3">
          You cannot sign in again yet: the invitation is used up. Add a passkey, or a password with codes.
        </p>
      )}
      <Passkeys account={account} />
      <Password account={account} />
      <Sessions />
      <Tokens />
    </div>
  );
}
