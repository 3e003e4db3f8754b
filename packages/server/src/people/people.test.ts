import { describe, expect, it } from "vitest";
import { OidcConfig } from "@prunella/contract";
import { testRng } from "../../../../test/kernel-fixture.ts";
import { newRecoveryCodes, newSecret, recoveryCodeOf, stepOf } from "./codes.ts";
import { admits } from "./oidc.ts";
import { oidcSecret } from "./oidc-secret.ts";
import { placeOf } from "./passkeys.ts";
import { assertStrong, createPasswords } from "./password.ts";
import { createTries } from "./tries.ts";

// A digest takes a quarter of a second, or many when other work has the machine.
describe("a password", { timeout: 180_000 }, () => {
  it("is kept as its slow digest with a salt of its own, and is right only as it was written", async () => {
    const passwords = createPasswords(testRng(3));
    const written = ["caf\u00e9", "au", "lait", "twice"].join(" ");
    const [one, two] = [await passwords.hash(written), await passwords.hash(written)];
    expect(one).toMatch(/^scrypt\$17\$8\$1\$[\w-]{22}\$[\w-]{43}$/);
    expect(one).not.toBe(two);
    // The same characters, put together otherwise.
    expect(await passwords.isRight(written.normalize("NFD"), one)).toBe(true);
    for (const wrong of [`${written} `, written.toUpperCase(), ""])
      expect(await passwords.isRight(wrong, one)).toBe(false);
    expect(await passwords.isRight(written, null)).toBe(false);
  });

  it("is worked on two at a time, a few wait, and more are sent away", async () => {
    const passwords = createPasswords(testRng(), 1);
    const all = await Promise.allSettled(Array.from({ length: 5 }, () => passwords.isRight("x", null)));
    const away = all.filter((each) => each.status === "rejected");
    expect(away).toHaveLength(2);
    expect(away[0]).toMatchObject({ reason: { code: "PRUNELLA_TOO_MANY_TRIES" } });
    expect(await passwords.isRight("x", null)).toBe(false);
  });

  it.each([
    "elevenchars",
    "zzzzzzzzzzzzzzzz",
    "abcabcabcabcabc",
    "123456789012345",
    "zyxwvutsrqponm",
    "P@ssw0rd2024!!",
    "passwordpassword1",
    "qwertyuiop123",
    "Adalovelace-1815",
    "Prunella-Prunella-1",
    "correct horse battery staple",
  ])("is too easy: %s", (password) => {
    expect(() => assertStrong(password, "ada.lovelace")).toThrow("too easy to guess");
  });

  it.each([
    "four words of water",
    "j8#kQ!vZ2m@x",
    "ada likes the long way round",
    "пароль из двух слов",
    "🙂🙃🙂🙃🌧🌙🪴🧵🪣🧊🪵🧲",
  ])("is good: %s", (password) => {
    expect(() => assertStrong(password, "ada")).not.toThrow();
  });
});

describe("a code", () => {
  it("belongs to one half minute, and is read one before and after", async () => {
    // RFC 6238, appendix B: the secret and the last six digits at 59 s.
    const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    expect(await stepOf(secret, "ada", "287082", 59_000)).toBe(1);
    expect(await stepOf(secret, "ada", "287 082", 61_000)).toBe(1);
    expect(await stepOf(secret, "ada", "287082", 29_999)).toBe(1);
    for (const [code, at] of [
      ["287082", 90_000],
      ["28708", 59_000],
      ["2870822", 59_000],
      ["28708a", 59_000],
    ] as const)
      expect(await stepOf(secret, "ada", code, at)).toBeNull();
    expect((await newSecret(testRng(), "ada")).secret).toMatch(/^[A-Z2-7]{32}$/);
  });

  it("for recovery is one of ten, and read however it is typed", () => {
    const codes = newRecoveryCodes(testRng(9));
    expect(new Set(codes).size).toBe(10);
    for (const code of codes) {
      expect(code).toMatch(/^[a-km-np-z2-9]{4}(?:-[a-km-np-z2-9]{4}){3}$/);
      expect(recoveryCodeOf(` ${code.toUpperCase().replaceAll("-", " ")}`)).toBe(code);
    }
    expect(recoveryCodeOf("123456")).toBeNull();
  });
});

describe("tries", () => {
  it("come back with time, one by one, and are counted by key", () => {
    let now = 0;
    const tries = createTries(2, 10, () => now);
    expect([tries.take("a"), tries.take("a"), tries.take("a"), tries.take("b")]).toEqual([true, true, false, true]);
    now += 360_000;
    expect([tries.take("a"), tries.take("a")]).toEqual([true, false]);
    tries.giveBack("a");
    expect([tries.take("a"), tries.take("a")]).toEqual([true, false]);
  });
});

describe("passkeys", () => {
  it.each([
    ["http://127.0.0.1:4500", { id: "localhost", origin: "http://localhost:4500" }],
    ["http://localhost:4500", { id: "localhost", origin: "http://localhost:4500" }],
    ["https://prunella.example/", { id: "prunella.example", origin: "https://prunella.example" }],
    ["https://prunella.example:8443", { id: "prunella.example", origin: "https://prunella.example:8443" }],
    ["http://prunella.example", null],
    ["https://192.0.2.7", null],
    ["https://[2001:db8::1]", null],
    ["", null],
  ])("at %s are bound to %o", (url, place) => {
    expect(placeOf(url)).toEqual(place);
  });
});

describe("another provider", () => {
  const config = (given: object) => OidcConfig.parse({ issuer: "https://id.example", client_id: "x", ...given });

  it("lets in whom every rule that stands there lets in, and nobody new without one", () => {
    const mail = "a@example.org";
    expect(admits(config({}), {}, mail)).toBe(false);
    expect(admits(config({ mail_domains: ["example.org"] }), {}, mail)).toBe(true);
    expect(admits(config({ mail_domains: ["example.org"] }), {}, null)).toBe(false);
    expect(admits(config({ mail_domains: ["ample.org"] }), {}, mail)).toBe(false);
    const both = config({ mail_domains: ["example.org"], claim: { name: "groups", value: "ops" } });
    expect(admits(both, { groups: ["dev", "ops"] }, mail)).toBe(true);
    expect(admits(both, { groups: "ops" }, mail)).toBe(true);
    for (const groups of [undefined, "devops", ["devops"], { ops: true }, [["ops"]]])
      expect(admits(both, { groups }, mail)).toBe(false);
  });

  it("is reached by https, or on this machine", () => {
    expect(OidcConfig.safeParse({ issuer: "http://id.example", client_id: "x" }).success).toBe(false);
    expect(OidcConfig.safeParse({ issuer: "http://127.0.0.1:9000", client_id: "x" }).success).toBe(true);
  });

  it("knows this server by a secret of the environment, of a file, or as it stands there; never by two", () => {
    const read = (path: string) => {
      if (path !== "secret") throw new Error("there is no such file");
      return "from a file\n";
    };
    const of = (client_secret: string | null, client_secret_file: string | null) =>
      oidcSecret({ client_secret, client_secret_file }, { A_NAME: "from outside" }, read);
    expect([of(null, null), of("as it is", null), of("${A_NAME}", null), of(null, "secret")]).toEqual([
      null,
      "as it is",
      "from outside",
      "from a file",
    ]);
    expect(() => of("${B_NAME}", null)).toThrow("there is no B_NAME in the environment");
    expect(() => of(null, "nowhere")).toThrow("nowhere cannot be read");
    expect(() => of("x", "secret")).toThrow("both stand there");
  });
});
