import { describe, expect, it } from "vitest";
import { FIELDS } from "../../packages/client/src/fields.ts";
import { CRASH_FIELDS } from "../../packages/server/src/doors/crash/report.ts";
import { FRICTION } from "../../packages/client/src/friction.ts";
import { KEEP_DAYS, MAX_REPORTS, MAX_TOTAL_BYTES } from "../../packages/client/src/reports.ts";
import { disclosureText, NEVER_SENT } from "../../packages/client/src/disclosure.ts";
import { toProgram } from "../../packages/client/src/program.ts";
import { lineCount, read, trackedFiles } from "./files.ts";

const page = read("docs/PRIVACY.md");
const rows = [...page.matchAll(/^\| `([a-z_]+)` \| (always|when known) \| (.+?) \| `(.+?)` \|$/gm)].map(
  ([, name = "", when = "", meaning = "", example = ""]) => ({ name, when, meaning, example }),
);

describe("docs/PRIVACY.md", () => {
  it("lists every field of the client's allowlist, with its meaning, and no other", () => {
    const coded = Object.entries(FIELDS).map(([name, field]) => ({
      name,
      when: field.required ? "always" : "when known",
      meaning: field.meaning,
      example: field.example,
    }));
    expect(rows).toEqual(coded);
  });

  it("names every field that the server's door takes, and the door takes every field that the client sends", () => {
    const others = [...page.matchAll(/names `([a-z_]+)` for `([a-z_]+)` and `([a-z_]+)` for `([a-z_]+)`/g)].flatMap(
      ([, first = "", , second = ""]) => [first, second],
    );
    expect(new Set(Object.keys(CRASH_FIELDS))).toEqual(new Set([...Object.keys(FIELDS), ...others]));
  });

  it("gives examples that the code accepts", () => {
    for (const [name, field] of Object.entries(FIELDS)) {
      if (field.example.endsWith("…")) continue;
      const typed =
        /^[\d[]/.test(field.example) && !/[-.]/.test(field.example) ? JSON.parse(field.example) : field.example;
      expect(field.isValid(typed), name).toBe(true);
    }
  });

  it("says the thresholds, limits and ages that the code has", () => {
    expect(page).toContain(
      `the ${FRICTION.retry_loop.count}th equal retry within ${FRICTION.retry_loop.withinMs / 60_000} minutes, the ${FRICTION.rate_limit_loop.count}rd wait`,
    );
    expect(page).toContain(`the ${FRICTION.gate_failure.count}rd no of one gate`);
    expect(page).toContain(`${KEEP_DAYS} days; at most ${MAX_REPORTS} reports and ${MAX_TOTAL_BYTES / 1024} KiB`);
  });

  it("is one page with its categories, retention, opt-out, deletion and key rotation", () => {
    expect(lineCount(page)).toBeLessThan(110);
    for (const word of ["| category |", "how long", "telemetry off", "prunella erase", "Key rotation"])
      expect(page).toContain(word);
  });
});

describe("the disclosure", () => {
  const program = toProgram({ app: "shop" });
  const shown = program === null ? "" : disclosureText(program, "https://crashes.example.org/v1/crash", "/srv/shop");

  it("names every field, what is never sent, where it goes, where PRIVACY is and how to turn it off", () => {
    for (const [name, { meaning }] of Object.entries(FIELDS))
      expect(shown).toMatch(new RegExp(`^ {2}${name} +${meaning.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`, "m"));
    for (const never of NEVER_SENT) expect(shown).toContain(never);
    for (const word of [
      "https://crashes.example.org/v1/crash",
      "PRIVACY.md",
      "prunella telemetry off",
      "DO_NOT_TRACK=1",
      "become issues",
      "tried to be fixed",
    ])
      expect(shown.replaceAll(/\s+/g, " ")).toContain(word);
  });
});

describe("Prunella itself", () => {
  const sources = trackedFiles().filter(
    (path) =>
      /^packages\/[^/]+\/(?:src|bin)\/.*\.(?:ts|tsx|js|mjs|cjs)$/.test(path) &&
      !/\.test\.tsx?$|-fixture\.ts$|\/test\//.test(path),
  );
  const code = (path: string): string => read(path).replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");

  /** Everything by which a program can reach another machine. Not in it: `fetch` as a method of something else. */
  const OUTBOUND =
    /(?<![.\w])fetch\s*\(|\b(?:globalThis|window|self)\.fetch\b|\bhttps?\.(?:request|get)\b|\b(?:createConnection|createSocket)\b|\bnet\.connect\b|\btls\.connect\b|\bnew (?:WebSocket|EventSource|XMLHttpRequest|WebTransport|Agent|Pool)\b|\bsendBeacon\b|["'](?:node:)?(?:dns|dgram|tls|http2|https|undici)(?:\/promises)?["']/;
  /** Each with where it leads. A new line here is a decision that a reviewer makes. */
  const DOORS: Readonly<Record<string, string>> = {
    "packages/cli/src/demo/forge.ts": "the server that the demo runs in, on loopback",
    "packages/client/src/send.ts": "the configured server, behind mayReport",
    "packages/cli/src/commands/run.ts": "the server of the data folder, whether it is there",
    "packages/cli/src/client.ts": "the server of the data folder, or the one that --url names",
    "packages/server/src/supervisor/http-port.ts": "the server of the data folder",
    "packages/server/src/doctor.ts": "the server of the data folder, whether it is there",
    "packages/server/src/platform/postgres.ts": "the database that store.url names",
    "packages/server/src/platform/outbound.ts":
      "the webhook, the witnesses and the channels that the configuration names",
    "packages/server/src/notify/email.ts": "the mail servers that notify.channels names",
    "packages/contract/src/messages.ts": "nowhere: how a mail server is spoken with is a word of the configuration",
    "packages/server/src/platform/hands/http.ts": "what a probe of the configuration looks at",
    "packages/server/src/platform/hands/net.ts": "what a probe of the configuration looks at",
    "packages/server/src/probes/dns.ts": "nothing by itself: a kind of probe is called so",
    "packages/server/src/platform/outbound-fetch.ts": "the forge that the configuration names",
    "packages/server/src/forge/open.ts": "nowhere by itself: it gives the forge its fetch",
    "packages/forge/src/github/ask.ts": "the forge that the configuration names, by the fetch that it is given",
    "packages/forge/src/remembering-fetch.ts": "the same, and only for what changed",
    "packages/forge/src/github/manifest.ts": "the same, while it is set up",
    "packages/forge/src/gitea/ask.ts": "the same, where it is Gitea",
    "packages/forge/src/patient-fetch.ts": "the same, by the fetch that it is given, and not before its time",
    "packages/forge/src/fakehub/fakehub.ts": "nowhere: a double of that forge, which answers",
    "packages/server/src/people/oidc.ts": "the provider that oidc.issuer names, and what that names itself",
    "packages/console/src/api/client.ts": "the server that the page came from",
    "packages/console/src/api/early.ts": "the same, before the code of the page is there",
    "packages/cli/src/commands/events-follow.ts": "the server of the data folder, or of --url",
    "packages/console/src/api/event-stream.ts": "the server that the page came from",
    "packages/server/src/platform/sandbox/inside/hostile.mjs":
      "wherever it can, from inside a sandbox, to show that it cannot",
    "packages/server/src/platform/sandbox/inside/runner.mjs": "nowhere: it gives plugins a fetch that asks the host",
    "packages/server/src/platform/sandbox/canaries.ts": "nowhere: it listens on loopback for what got out of a sandbox",
    "packages/console/src/ledger/tiles.ts": "the server that the page came from",
  };

  it("reaches out nowhere but at its known doors: no count of use, no word at installation, no look for updates", () => {
    const found = sources.filter((path) => OUTBOUND.test(code(path)));
    expect(found.filter((path) => !Object.hasOwn(DOORS, path))).toEqual([]);
  });

  it("keeps no door in this list that is none", () => {
    for (const path of Object.keys(DOORS)) expect(sources).toContain(path);
  });

  it("has one door in the client, and that one asks first", () => {
    const client = sources.filter((path) => path.startsWith("packages/client/"));
    expect(client.filter((path) => OUTBOUND.test(code(path)))).toEqual(["packages/client/src/send.ts"]);
    const send = code("packages/client/src/send.ts");
    expect(send.indexOf("mayReport(")).toBeGreaterThan(0);
    expect(send.indexOf("fetch(")).toBeGreaterThan(send.indexOf("mayReport("));
  });

  it("names no address of anybody in what runs, but loopback, examples and documents", () => {
    const allowed =
      /^https?:\/\/(?:127\.|localhost|\[|\$|www\.w3\.org\/|json-schema\.org|in-toto\.io|[a-z.]*example\.(?:org|com)|[a-z]+\.invalid(?:\/|$))/;
    const found = sources
      .filter((path) => !path.startsWith("packages/scrub/") && !path.endsWith("/sandbox/inside/hostile.mjs"))
      .flatMap((path) =>
        [...code(path).matchAll(/["'`](https?:\/\/[^"'`\s]*)/g)].map(([, url = ""]) => `${path}: ${url}`),
      )
      .filter((each) => !allowed.test(each.slice(each.indexOf(": ") + 2)) && !/: https?:\/\/$/.test(each));
    expect(found).toEqual([]);
  });

  it("reaches from plugins nothing by themselves, and names there their own provider alone", () => {
    const plugins = trackedFiles().filter((path) => /^plugins\/.*\/src\/.*(?<!\.test|-fixture)\.ts$/.test(path));
    expect(plugins.length).toBeGreaterThan(0);
    expect(plugins.filter((path) => OUTBOUND.test(code(path)))).toEqual([]);
    const named = plugins.flatMap((path) =>
      [...code(path).matchAll(/["'`](https?:\/\/[^"'`\s]*)/g)].map(([, url]) => url),
    );
    expect(named.toSorted()).toEqual([
      "https://api.doppler.com",
      "https://api.github.com",
      "https://api.machines.dev",
      "https://api.supabase.com",
      "https://api.vercel.com",
      "https://sentry.io",
    ]);
  });

  it("runs nothing of its own when a package is installed by others", () => {
    const manifests = trackedFiles().filter((path) => /^(?:packages|plugins)\/[^/]+\/package\.json$/.test(path));
    expect(manifests.filter((path) => /"(?:pre|post)?install"/.test(read(path)))).toEqual([]);
  });
});
