import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OPERATOR } from "@prunella/kernel";
import { openServer, type ServerFixture } from "../end-to-end/server-fixture.ts";
import { CLIENT, openOidcProvider, type OidcFixture } from "../oidc-provider.ts";
import { oneTimeCode } from "../one-time-code.ts";
import { passkeyDevice } from "../passkey-device.ts";

/** People's own ways in, over sockets, as an attacker tries them. */
let fixture: ServerFixture;
let provider: OidcFixture;
beforeAll(async () => {
  provider = await openOidcProvider();
  const oidc = {
    issuer: provider.issuer,
    client_id: CLIENT.id,
    client_secret: CLIENT.secret,
    mail_domains: ["example.org"],
    role: "operator",
  };
  fixture = await openServer({ oidc });
  provider.allow(`${fixture.server.url}/oidc/callback`);
}, 60_000);
afterAll(async () => {
  await fixture[Symbol.asyncDispose]();
  await provider[Symbol.asyncDispose]();
});

type Key = Readonly<Record<string, string>>;
interface Said {
  readonly status: number;
  readonly code: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly key: Key;
}
const NOBODY: Key = {};
const PASSWORD = ["seven", "lamps", "under", "water"].join(" ");

async function post(path: string, body: object, key: Key = NOBODY, method = "POST"): Promise<Said> {
  const { url } = fixture.server;
  const answer = await fetch(`${url}/v1${path}`, {
    method,
    headers: { origin: url, ...key },
    ...(method === "GET" || method === "DELETE" ? {} : { body: JSON.stringify(body) }),
  });
  const said = await answer.text();
  const value: unknown = said === "" ? {} : JSON.parse(said);
  const cookie = (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  return {
    status: answer.status,
    code: String(Object(Object(value).error).code ?? ""),
    body: Object(value),
    key: { cookie, "x-prunella-page": String(Object(value).page_key ?? "") },
  };
}
const me = async (key: Key) => (await post("/me", {}, key, "GET")).status;
const secretOf = (url: string) => new URL(url).hash.replace("#code=", "");

/** Somebody new who has opened their invitation. */
async function join(name: string): Promise<Key> {
  const { code } = await fixture.server.kernel.access.addPerson({
    name,
    email: null,
    role: "owner",
    project: null,
    by: OPERATOR,
  });
  const said = await post("/invitation", { code });
  expect(said.status).toBe(200);
  return said.key;
}

/** A code of the app, so many half minutes from now. */
const codeOf = (secret: string, steps = 0) => oneTimeCode(secret, steps);

/** The same with a password and codes. The code of the half minute before is the one that is spent. */
async function joinWithPassword(name: string) {
  const key = await join(name);
  expect((await post("/account/password", { password: PASSWORD }, key)).status).toBe(204);
  const begun = await post("/account/codes", { password: PASSWORD }, key);
  const secret = String(begun.body["secret"]);
  expect(String(begun.body["url"])).toContain(`otpauth://totp/Prunella:${name}?`);
  const confirmed = await post("/account/codes/confirm", { code: codeOf(secret, -1) }, key);
  expect(confirmed.status).toBe(200);
  const recovery = confirmed.body["recovery_codes"];
  return { key, secret, recovery: Array.isArray(recovery) ? recovery.map(String) : [] };
}
const signIn = (name: string, password: string, code: string, key: Key = NOBODY) =>
  post("/session/password", { name, password, code }, key);

describe("an invitation", () => {
  it("works once, and all at once for one of them", async () => {
    const { code } = await fixture.server.kernel.access.addPerson({
      name: "inv",
      email: null,
      role: "viewer",
      project: null,
      by: OPERATOR,
    });
    const all = await Promise.all(Array.from({ length: 6 }, () => post("/invitation", { code })));
    expect(all.map(({ status }) => status).toSorted()).toEqual([200, 401, 401, 401, 401, 401]);
    expect(all.filter(({ status }) => status === 401).map((each) => each.code)).toEqual(
      Array.from({ length: 5 }, () => "PRUNELLA_INVITATION_INVALID"),
    );
  });

  it("is worth nothing once it is withdrawn or another was made, and is no sign-in link", async () => {
    const { access } = fixture.server.kernel;
    const { person, code } = await access.addPerson({
      name: "inv2",
      email: null,
      role: "viewer",
      project: null,
      by: OPERATOR,
    });
    const second = await access.invite(person.id, OPERATOR);
    expect((await post("/invitation", { code })).code).toBe("PRUNELLA_INVITATION_INVALID");
    expect((await post("/session", { code: second.code })).code).toBe("PRUNELLA_SIGN_IN_CODE_INVALID");
    const [waiting] = (await access.listInvitations()).filter((each) => each.person.name === "inv2");
    await access.withdrawInvitation(waiting?.id ?? "");
    expect((await post("/invitation", { code: second.code })).code).toBe("PRUNELLA_INVITATION_INVALID");
    const link = secretOf(await fixture.server.signInLink());
    expect((await post("/invitation", { code: link })).code).toBe("PRUNELLA_INVITATION_INVALID");
  });
});

describe("a password", { timeout: 240_000 }, () => {
  it("signs in with a code of now, and neither without the other", async () => {
    const { secret, recovery } = await joinWithPassword("pia");
    expect((await signIn("Pia", PASSWORD, codeOf(secret))).status).toBe(200);
    const next = codeOf(secret, 1);
    for (const [name, password, code] of [
      ["pia", `${PASSWORD}x`, next],
      ["pia", PASSWORD.toUpperCase(), next],
      ["pia", PASSWORD, "000000"],
      ["pia", PASSWORD, codeOf(secret, -20)],
      ["pia", PASSWORD, "aaaa-aaaa-aaaa-aaaa"],
    ] as const)
      expect((await signIn(name, password, code)).code).toBe("PRUNELLA_SIGN_IN_REFUSED");
    // A recovery code instead, however it is typed, and once.
    const [first = ""] = recovery;
    const typed = first.replaceAll("-", " ").toUpperCase();
    expect((await signIn("pia", PASSWORD, typed)).status).toBe(200);
    expect((await signIn("pia", PASSWORD, first)).code).toBe("PRUNELLA_SIGN_IN_REFUSED");
    expect(new Set(recovery).size).toBe(10);
  });

  it("is nothing without codes that were proven", async () => {
    const key = await join("solo");
    await post("/account/password", { password: PASSWORD }, key);
    const secret = String((await post("/account/codes", { password: PASSWORD }, key)).body["secret"]);
    expect((await signIn("solo", PASSWORD, codeOf(secret))).code).toBe("PRUNELLA_SIGN_IN_REFUSED");
    expect((await post("/account/codes/confirm", { code: "000000" }, key)).code).toBe("PRUNELLA_SIGN_IN_REFUSED");
    expect((await post("/account", {}, key, "GET")).body).toMatchObject({ has_password: true, has_codes: false });
  });

  it("takes no code a second time, also not two at once", async () => {
    const { secret } = await joinWithPassword("rita");
    const code = codeOf(secret);
    const both = await Promise.all([signIn("rita", PASSWORD, code), signIn("rita", PASSWORD, code)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 401]);
    expect((await signIn("rita", PASSWORD, code)).code).toBe("PRUNELLA_SIGN_IN_REFUSED");
  });

  it("is refused in the same words, whoever is called so, has none, or was removed", async () => {
    await joinWithPassword("known");
    await join("bare");
    await join("gone");
    await fixture.server.kernel.access.removePerson(
      (await fixture.server.kernel.access.findPerson("gone")).id,
      OPERATOR,
    );
    const said = new Set<string>();
    for (const name of ["known", "bare", "gone", "never-there", "known%", "' or 1=1 --"]) {
      const { status, body } = await signIn(name, "not their password", "123456");
      said.add(JSON.stringify([status, body]));
    }
    expect(said.size).toBe(1);
  });

  it("is guessed ten times from one place, and then not for a while, whether the name is known or not", async () => {
    const { secret } = await joinWithPassword("target");
    for (const name of ["target", "nobody-at-all"]) {
      const codes = [];
      for (let n = 0; n < 12; n += 1) codes.push((await signIn(name, `guess number ${n}`, "123456")).code);
      expect(codes).toEqual([
        ...Array.from({ length: 10 }, () => "PRUNELLA_SIGN_IN_REFUSED"),
        "PRUNELLA_TOO_MANY_TRIES",
        "PRUNELLA_TOO_MANY_TRIES",
      ]);
    }
    // Also the right one, or guessing would go on; the other ways in stay open.
    expect((await signIn("target", PASSWORD, codeOf(secret))).code).toBe("PRUNELLA_TOO_MANY_TRIES");
    const again = await fixture.server.kernel.access.invite(
      (await fixture.server.kernel.access.findPerson("target")).id,
      OPERATOR,
    );
    expect((await post("/invitation", { code: again.code })).status).toBe(200);
  });

  it("is changed with the present one, is no easy one, and ends every other session", async () => {
    const { key, secret } = await joinWithPassword("cleo");
    const other = (await signIn("cleo", PASSWORD, codeOf(secret))).key;
    const fresh = ["nine", "kites", "over", "stone"].join(" ");
    for (const body of [{ password: fresh }, { password: fresh, current: "wrong" }])
      expect((await post("/account/password", body, key)).code).toBe("PRUNELLA_SIGN_IN_REFUSED");
    for (const weak of [
      "short",
      "aaaaaaaaaaaaaa",
      "abcdefghijklmn",
      "Password12345!",
      "cleo-12345678",
      "PrunellaPrunella",
    ])
      expect([weak, (await post("/account/password", { password: weak, current: PASSWORD }, key)).code]).toEqual([
        weak,
        "PRUNELLA_PASSWORD_WEAK",
      ]);
    expect((await post("/account/password", { password: fresh, current: PASSWORD }, key)).status).toBe(204);
    expect([await me(key), await me(other)]).toEqual([200, 401]);
    const long = `${"ä".repeat(3)} a whole sentence, with spaces and signs & more than sixty-four characters long`;
    expect((await post("/account/password", { password: long, current: fresh }, key)).status).toBe(204);
    expect((await signIn("cleo", long, codeOf(secret, 1))).status).toBe(200);
  });

  it("stands nowhere as it is, nor do recovery codes", async () => {
    const { recovery } = await joinWithPassword("quiet");
    const written = fixture.written();
    for (const secret of [PASSWORD, ...recovery]) expect(written.includes(secret)).toBe(false);
    expect(written.includes("scrypt$17$8$1$")).toBe(true);
  });
});

describe("a passkey", () => {
  const device = () => {
    const { port } = new URL(fixture.server.url);
    return passkeyDevice({ origin: `http://localhost:${port}`, rpId: "localhost" });
  };
  const options = async (path: string, key: Key = NOBODY) => (await post(path, {}, key)).body["options"];
  const signInBy = (used: object) => post("/session/passkey", { used });
  const useOptions = () => options("/session/passkey/options");

  it("signs its person in, once for each question, and nobody once it is removed", async () => {
    const key = await join("paul");
    const own = device();
    const made = own.make(await options("/account/passkeys/options", key));
    expect((await post("/account/passkeys", { title: "phone", made }, key)).status).toBe(204);
    // The same answer again, to a question that is spent.
    expect((await post("/account/passkeys", { title: "phone", made }, key)).code).toBe("PRUNELLA_SIGN_IN_REFUSED");
    const used = own.use(await useOptions(), 2);
    const said = await signInBy(used);
    expect(said.status).toBe(200);
    expect((await post("/me", {}, said.key, "GET")).body).toMatchObject({ person: { name: "paul" } });
    expect((await signInBy(used)).code).toBe("PRUNELLA_SIGN_IN_REFUSED");
    // Who counts what was counted before is a copy.
    expect((await signInBy(own.use(await useOptions(), 2))).code).toBe("PRUNELLA_SIGN_IN_REFUSED");
    expect((await signInBy(own.use(await useOptions(), 3))).status).toBe(200);
    const both = await Promise.all(
      [own.use(await useOptions(), 4), own.use(await useOptions(), 4)].map((each) => signInBy(each)),
    );
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 401]);
    expect((await post(`/account/passkeys/${own.id}`, {}, key, "DELETE")).status).toBe(204);
    expect((await signInBy(own.use(await useOptions(), 5))).code).toBe("PRUNELLA_SIGN_IN_REFUSED");
  });

  it("is refused for another site, name or question, without the person, and from somebody else's hand", async () => {
    const key = await join("petra");
    const mallory = await join("mallory");
    const own = device();
    const addOptions = () => options("/account/passkeys/options", key);
    for (const given of [
      { origin: "https://evil.example" },
      { rpId: "evil.example" },
      // Present, but not verified.
      { flags: 0x41 },
    ])
      expect(
        (await post("/account/passkeys", { title: "x", made: own.make(await addOptions(), given) }, key)).code,
      ).toBe("PRUNELLA_SIGN_IN_REFUSED");
    // A question that was asked of somebody else, and one that nobody asked.
    const stolen = own.make(await addOptions());
    expect((await post("/account/passkeys", { title: "x", made: stolen }, mallory)).code).toBe(
      "PRUNELLA_SIGN_IN_REFUSED",
    );
    const invented = own.make({ challenge: Buffer.alloc(32).toString("base64url") });
    expect((await post("/account/passkeys", { title: "x", made: invented }, key)).code).toBe(
      "PRUNELLA_SIGN_IN_REFUSED",
    );
    expect((await post("/account/passkeys", { title: "x", made: own.make(await addOptions()) }, key)).status).toBe(204);
    for (const given of [{ origin: "https://evil.example" }, { rpId: "evil.example" }, { flags: 0x01 }])
      expect((await signInBy(own.use(await useOptions(), 9, given))).code).toBe("PRUNELLA_SIGN_IN_REFUSED");
    const other = device();
    expect((await signInBy({ ...other.use(await useOptions(), 9), id: own.id, rawId: own.id })).code).toBe(
      "PRUNELLA_SIGN_IN_REFUSED",
    );
    expect((await post(`/account/passkeys/${own.id}`, {}, mallory, "DELETE")).code).toBe("PRUNELLA_NOT_FOUND");
    expect((await signInBy(own.use(await useOptions(), 9))).status).toBe(200);
  });
});

describe("another provider", { timeout: 240_000 }, () => {
  /** Sets out in a browser, and comes back in the same one, or in another. */
  async function setOut() {
    const answer = await fetch(`${fixture.server.url}/v1/session/oidc`, {
      method: "POST",
      headers: { origin: fixture.server.url },
    });
    const { url } = Object(await answer.json());
    return { url: String(url), cookie: (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "" };
  }
  async function comeBack(to: URL, cookie: string): Promise<string> {
    const answer = await fetch(to, { redirect: "manual", headers: { cookie } });
    expect([answer.status, answer.headers.get("cache-control")]).toEqual([303, "no-store"]);
    return answer.headers.get("location") ?? "";
  }
  const mail = (email: string, verified = true) => ({ email, email_verified: verified });
  async function through(sub: string, claims: Readonly<Record<string, unknown>>) {
    provider.be({ sub, claims });
    const { url, cookie } = await setOut();
    return comeBack(await provider.signIn(url), cookie);
  }

  it("signs in whoever may come in, as one person each time, with the role for the new", async () => {
    const ids = new Set<string>();
    for (let n = 0; n < 2; n += 1) {
      const to = await through("u-1", { ...mail("olga@example.org"), preferred_username: "Olga K." });
      expect(to).toMatch(/^\/sign-in#code=[\w-]{43}$/);
      const said = await post("/session", { code: secretOf(`http://x${to}`) });
      const who = (await post("/me", {}, said.key, "GET")).body;
      expect(who).toMatchObject({ person: { name: "olgak" }, roles: [{ project: null, role: "operator" }] });
      ids.add(String(Object(who["person"]).id));
    }
    expect(ids.size).toBe(1);
  });

  it("lets nobody in by a mail address that is not verified, or of another domain", async () => {
    const { access } = fixture.server.kernel;
    await access.addPerson({ name: "vera", email: "vera@example.org", role: "owner", project: null, by: OPERATOR });
    const before = (await access.listNames()).length;
    for (const [n, claims] of [
      mail("vera@example.org", false),
      { email: "vera@example.org" },
      { email: "vera@example.org", email_verified: "true" },
      mail("vera@example.org.evil.example"),
      mail("vera@evil.example"),
      mail("vera@evil.example@example.com"),
      {},
    ].entries())
      expect([claims, await through(`m-${n}`, claims)]).toEqual([claims, "/sign-in#problem=PRUNELLA_SIGN_IN_REFUSED"]);
    expect((await access.listNames()).length).toBe(before);
    // The control: verified, it is hers.
    const to = await through("m-9", mail("Vera@example.org"));
    const said = await post("/session", { code: secretOf(`http://x${to}`) });
    expect((await post("/me", {}, said.key, "GET")).body).toMatchObject({ person: { name: "vera" } });
  });

  it("is believed nothing with another state, nonce or browser, or a second time", async () => {
    provider.be({ sub: "u-2", claims: mail("uwe@example.org") });
    const failed = "/sign-in#problem=PRUNELLA_PROVIDER_FAILED";
    const one = await setOut();
    const back = await provider.signIn(one.url);
    const forged = new URL(back);
    forged.searchParams.set("state", "A".repeat(43));
    expect(await comeBack(forged, one.cookie)).toBe(failed);
    // Somebody else's browser: an attacker who sends their own link to somebody.
    expect(await comeBack(back, "")).toBe(failed);
    const two = await setOut();
    const backTwo = await provider.signIn(two.url);
    expect(await comeBack(backTwo, one.cookie)).toBe(failed);
    // A code that was got for another nonce.
    const three = await setOut();
    const bent = new URL(three.url);
    bent.searchParams.set("nonce", "another");
    expect(await comeBack(await provider.signIn(bent.href), three.cookie)).toBe(failed);
    // A code that was got with another verifier.
    const four = await setOut();
    const swapped = await provider.signIn(four.url);
    const five = await setOut();
    swapped.searchParams.set("state", new URL(five.url).searchParams.get("state") ?? "");
    expect(await comeBack(swapped, five.cookie)).toBe(failed);
    const six = await setOut();
    const good = await provider.signIn(six.url);
    expect(await comeBack(good, six.cookie)).toMatch(/#code=/);
    expect(await comeBack(good, six.cookie)).toBe(failed);
  });
});

describe("links that name nobody", () => {
  it("sign nobody in where they are switched off, and what they signed in before is nobody's", async () => {
    await using strict = await openServer({ server: { link_sign_in: false } });
    const { access } = strict.server.kernel;
    const ask = (path: string, init: RequestInit = {}) => fetch(`${strict.server.url}/v1${path}`, init);
    expect((await strict.api("/sign-in-links", { method: "POST" })).status).toBe(409);
    const body = JSON.stringify({ code: await access.mint() });
    expect((await ask("/session", { method: "POST", body })).status).toBe(401);
    const { token } = await access.signIn(await access.mint());
    const half = Math.ceil(token.length / 2);
    const old = { cookie: `prunella_session=${token.slice(0, half)}`, "x-prunella-page": token.slice(half) };
    expect((await ask("/me", { headers: old })).status).toBe(401);
    expect(await (await ask("/sign-in-ways")).json()).toMatchObject({ link: false, people: false, oidc: null });
  });
});
