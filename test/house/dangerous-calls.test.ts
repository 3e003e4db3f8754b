import { describe, expect, it } from "vitest";
import { isRecord } from "../../scripts/json.ts";
import { read, trackedFiles } from "./files.ts";

/** What no shipped file may hold, because one line of it would undo what the tests of attacks show. */
const shipped = trackedFiles().filter(
  (path) =>
    /^packages\/[^/]+\/(?:src|bin)\/.*\.(?:ts|tsx|js)$/.test(path) &&
    !/\.test\.tsx?$|-fixture\.ts$|-suite\.ts$/.test(path),
);

/** Lines that match, in their files. */
const found = (pattern: RegExp): string[] =>
  shipped.flatMap((path) =>
    read(path)
      .split("\n")
      .filter((line) => pattern.test(line) && !/^\s*(?:\/\/|\*|\/\*)/.test(line))
      .map((line) => `${path}: ${line.trim()}`),
  );

describe("no shipped file", () => {
  it.each([
    ["runs text as code", /(?<![\w.])eval\(|new Function\(|\bvm\.|node:vm/],
    ["starts a shell", /shell: true|(?<![\w.])(?:exec|execSync)\(/],
    ["writes markup", /dangerouslySetInnerHTML|\.(?:innerHTML|outerHTML)\s*=|insertAdjacentHTML|document\.write\(/],
    ["takes messages of other windows, or opens a WebSocket", /addEventListener\("message"|new WebSocket\(|JSONP/],
    ["makes up secrets from weak randomness", /Math\.random\(/],
    ["weakens TLS", /rejectUnauthorized|NODE_TLS_REJECT_UNAUTHORIZED|minVersion|SECLEVEL|checkServerIdentity/],
  ])("%s", (_what, pattern) => {
    expect(found(pattern)).toEqual([]);
  });

  it("encrypts by itself, but for backups, by AES-256-GCM with its tag checked", () => {
    const ciphers = found(/createCipher|createDecipher|publicEncrypt|subtle\.encrypt/);
    const backups = ciphers.filter((line) => line.startsWith("packages/server/src/platform/backup-file.ts: "));
    expect(ciphers).toEqual(backups);
    const file = read("packages/server/src/platform/backup-file.ts");
    expect([...file.matchAll(/create(?:Cipher|Decipher)iv\(\s*"([^"]+)"/g)].map(([, name]) => name)).toEqual([
      "aes-256-gcm",
      "aes-256-gcm",
    ]);
    expect(file).toContain("setAuthTag(");
  });

  it("hashes by anything but SHA-256, but for names that build tools give by SHA-1", () => {
    const hashes = found(/createHash\(/).filter((line) => !line.includes('createHash("sha256")'));
    expect(
      hashes.filter((line) => !/^packages\/server\/src\/doors\/releases\/.*createHash\("sha1"\)/.test(line)),
    ).toEqual([]);
    expect(found(/createHash\(/).length).toBeGreaterThan(5);
  });
});

describe("no package", () => {
  it("depends on a parser of XML, a template language, LDAP, mail, or tokens of others", () => {
    const names = trackedFiles()
      .filter((path) => /^packages\/[^/]+\/package\.json$/.test(path))
      .flatMap((path) => {
        const manifest: unknown = JSON.parse(read(path));
        return Object.keys(isRecord(manifest) && isRecord(manifest["dependencies"]) ? manifest["dependencies"] : {});
      });
    expect(names.length).toBeGreaterThan(5);
    expect(
      names.filter(
        (name) =>
          /xml|sax|dom|jwt|jose|oauth|oidc|passport|saml|ldap|mail|graphql|handlebars|ejs/i.test(name) &&
          // Mail goes out by one, whose addresses come from the configuration alone; see notify/hostile.test.ts.
          name !== "nodemailer" &&
          name !== "react-dom",
      ),
    ).toEqual([]);
  });
});
