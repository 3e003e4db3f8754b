/** Made-up answers about a host of repositories at which nothing is as it should be, for the double of the API. */
import type { ForgeCheck } from "@prunella/contract";
import type { Filing, FilingBacklog } from "@prunella/contract/plugins";
import { uuid } from "./fixtures.ts";

const HOUR_MS = 3_600_000;

const backlog = (now: number): FilingBacklog => ({
  waiting: 2,
  until: now + HOUR_MS / 2,
  reason: "You have exceeded a secondary rate limit.",
  ends_at: now + HOUR_MS,
});

export const forgeCheck = (now: number): ForgeCheck => ({
  kind: "github",
  double: false,
  base_url: "https://api.github.example",
  version: "3.17.4",
  identities: [
    {
      role: "triage",
      standing: "known",
      login: "prunella-triage[bot]",
      permissions: [
        { name: "contents", has: "read", wanted: "read", verdict: "right" },
        { name: "issues", has: "read", wanted: "write", verdict: "missing" },
        { name: "organization_administration", has: "write", wanted: null, verdict: "broader" },
      ],
    },
    { role: "publisher", standing: "refused", login: null, permissions: null },
  ],
  webhook: {
    expected: "https://prunella.example.com/forge/github",
    configured: "https://an-older-address-of-this-server.example.com/forge/github",
    last_at: now - 2 * HOUR_MS,
  },
  limits: { limit: 5_000, remaining: 12, resets_at: now + HOUR_MS / 2 },
  watched: ["acme/shop", "acme/a-repository-with-a-name-that-is-longer-than-a-narrow-column"],
  triage: { repo: "acme/triage", is_private: false, public_repo: "acme/shop" },
  backlog: backlog(now),
  problems: [
    "triage lacks issues: write. Grant it at the host.",
    "triage may organization_administration: write, which is more than nothing. Take it away at the host.",
    "The host does not say who publisher is: Bad credentials",
    "acme/triage is public, so nothing is filed there. Make it private at the host.",
  ],
});

export const filingPage = (now: number): { filings: Filing[]; backlog: FilingBacklog } => {
  const of = (n: number, more: Partial<Filing>): Filing => ({
    filing_id: uuid(8, n),
    project_id: "default",
    place: "acme/shop",
    name: `fault ${n}`,
    fault_id: uuid(1, n),
    title: `Failure ${n} of a till that counts every cent twice`,
    number: null,
    url: null,
    first_at: now - n * HOUR_MS,
    filed_at: null,
    asked: 1,
    waits: false,
    refused: null,
    ...more,
  });
  return {
    filings: [
      of(1, { waits: true }),
      of(2, { waits: true, fault_id: null }),
      of(3, { refused: "Issues are disabled for this repo" }),
      of(4, { number: 12, url: "https://github.example/acme/shop/issues/12", filed_at: now - HOUR_MS }),
      of(5, { number: 11, url: "javascript:alert(1)", filed_at: now - 4 * HOUR_MS }),
    ],
    backlog: backlog(now),
  };
};
