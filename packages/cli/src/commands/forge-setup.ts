import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { SetUp } from "@prunella/server";
import { stringify } from "yaml";
import type { Common } from "../command-options.ts";
import { print, printJson } from "../print.ts";
import { plain } from "../terminal/text.ts";

/** Whose API has a name of its own. */
const PUBLIC = "github.com";

interface OfToken {
  readonly userToken: string;
  readonly secretFile: string;
  readonly publicUrl: string;
}
interface OfApp {
  readonly host: string;
  readonly publicUrl: string;
  readonly organization?: string;
  readonly name: string;
  readonly folder: string;
  readonly userToken?: string;
  readonly publisher?: true;
}

export async function setUpGitea(common: Common, options: OfToken & { readonly at: string }): Promise<void> {
  const { setUpGitea: setUp } = await import("@prunella/server");
  show(common, await setUp({ ...options, url: options.at, tokenFile: options.userToken, places: placesHere() }));
}

export async function setUpGithub(common: Common, options: OfApp): Promise<void> {
  const { setUpGithubApp, setUpGithubToken } = await import("@prunella/server");
  const { userToken: tokenFile, folder, host } = options;
  const pagesUrl = `https://${host}`;
  const api = new URL(host === PUBLIC ? pagesUrl : `${pagesUrl}/api/v3`);
  if (host === PUBLIC) api.hostname = `api.${host}`;
  const apiUrl = api.href.replace(/\/$/, "");
  if (tokenFile !== undefined) {
    const secretFile = `${folder}/hook.secret`;
    return show(common, await setUpGithubToken({ ...options, apiUrl, tokenFile, secretFile, places: placesHere() }));
  }
  const made = await setUpGithubApp({
    ...options,
    apiUrl,
    pagesUrl,
    role: options.publisher === true ? "publisher" : "triage",
    organization: options.organization ?? null,
    // Beside the answer, which is for programs with --json.
    onOpen: (url) => void process.stderr.write(`Open this page, in a browser on this machine: ${url}\n`),
  });
  show(common, made);
}

const placesHere = () => ({
  environment: process.env,
  read: (path: string) => readFileSync(resolve(path), "utf8"),
});

function show(common: Common, { login, config, written, next }: SetUp): void {
  if (common.json) return printJson({ login, config: { forge: config }, written, next });
  print(`We are ${plain(login)} there, with the permissions that are needed and no other.`);
  if (written.length > 0) print(`Written, for you alone: ${written.map(plain).join(", ")}.`);
  print(
    `\nFor the configuration file${dirname(written[0] ?? ".") === "." ? "" : ", from whose folder the paths count"}:\n`,
  );
  print(stringify({ forge: config }).trimEnd());
  print(`\n${next.map((each, at) => `${at + 1}. ${plain(each)}`).join("\n")}`);
}
