import type { ForgeCheck } from "@prunella/contract";
import { Untrusted } from "../parts/untrusted.tsx";

type ForgeIdentity = ForgeCheck["identities"][number];
type Permission = NonNullable<ForgeIdentity["permissions"]>[number];

const ROLE = {
  triage: { title: "Who files", does: "It reads repositories and writes issues." },
  publisher: { title: "Who merges", does: "It merges what a person said yes to, where that was opted in." },
} as const;

/** Why nothing is said of what an identity may. */
const UNTOLD = {
  known: "The host does not say what it may: make sure by hand that it is no more than is needed.",
  refused: "What it may is not known: the host did not say who it is.",
  unreachable: "What it may is not known: the host was not reached.",
} as const;

/** Who we are at the host, and what we may there beside what is needed. */
export function Identity({ identity: { role, standing, login, permissions } }: { identity: ForgeIdentity }) {
  return (
    <section aria-labelledby={role} className="min-w-0">
      <h2 id={role} className="section-title">
        {ROLE[role].title}
      </h2>
      <p className="mt-1 [overflow-wrap:anywhere]">
        {login === null ? <strong>Not known.</strong> : <Untrusted text={login} />}{" "}
        <span className="text-quiet">{ROLE[role].does}</span>
      </p>
      {permissions === null ? (
        <p className="mt-1 text-quiet">{UNTOLD[standing]}</p>
      ) : (
        <table className="mt-2 w-full border-t border-line text-sm">
          <thead>
            <tr className="border-b border-line text-left text-quiet">
              {["Permission", "Has", "Needed", "Verdict"].map((title) => (
                <th key={title} scope="col" className="py-1 pr-3 font-normal">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {permissions.map((each) => (
              <tr key={each.name} className="border-b border-line align-top">
                <th scope="row" className="py-1.5 pr-3 text-left font-normal [overflow-wrap:anywhere]">
                  <Untrusted text={each.name} />
                </th>
                <td className="py-1.5 pr-3">{each.has === null ? "none" : <Untrusted text={each.has} />}</td>
                <td className="py-1.5 pr-3">{each.wanted ?? "no"}</td>
                <td className="py-1.5">
                  <Verdict of={each} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Verdict({ of: { verdict, wanted } }: { of: Permission }) {
  switch (verdict) {
    case "right":
      return (
        <>
          <span className="text-good">✓</span> {wanted === null ? "allowed" : "exactly"}
        </>
      );
    case "missing":
      return (
        <>
          <span className="text-bad">✕</span> too narrow: grant {wanted}
        </>
      );
    case "broader":
      return (
        <>
          <span className="text-warn">▲</span> too broad: {wanted === null ? "take it away" : `lower it to ${wanted}`}
        </>
      );
  }
}
