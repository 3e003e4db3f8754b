import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RULES, RULES_VERSION, TYPES } from "../rules/index.ts";
import { exampleOf } from "../rules/families/sample.ts";
import { Scrubbed, scrubLabel, scrubText } from "../index.ts";

/** Where two rules want the same text and the other one names it. */
const OVERLAPS: Record<string, string> = {
  "azure-devops-token": "azure-key",
  "teamcity-token": "jwt",
  "workos-key": "knock-key",
};
const clean = (text: string): string => scrubText(text).text.value;
const GH = "ghp_" + "aB3".repeat(12);

const words = fc.constantFrom(
  ...RULES.map((rule) => exampleOf(rule)),
  GH,
  "password",
  "=",
  ":",
  " ",
  '"',
  "'",
  "\\",
  "\n",
  "@",
  "://",
  "/home/",
  "bob",
  "x.com",
  "1.2.3.4",
  "::",
  "fe80",
  "[REDACTED:EMAIL]",
  "[REDACTED:",
  "token",
  "Cookie: a=b",
  "Bearer ",
  "eyJ",
  ".",
  "-----BEGIN PRIVATE KEY-----",
  "-----END",
  "&",
  ",",
  "(",
  ")",
  "\ud800",
  "\0",
  "é",
  "%3D",
  "%40",
  "--secret ",
  "AKIA",
  "sk-",
  "0",
  "C:\\Users\\",
  "\u001b[31m",
  "\u001b",
  "\u200b",
  "%67%68",
  "%25",
  "\\u0067",
  "\\x70",
  "&#103;",
  "&quot;",
  "=\n",
  "\\\n",
  "''",
  btoa("password=" + "hunter2 and so on"),
  btoa(GH),
  [...GH].join("\u200b"),
  [...GH].join("\0"),
  "\uff47",
  "key",
  " is ",
  "\n  ",
  "- name: ",
  "value: ",
  "curl -u ",
  "4111 1111 1111 1111",
  "DE89 3704 0044 0532 0130 00",
  "52:54:00:1a:2b:3c",
  "+49 30 12345678",
);
const text = fc.oneof(
  fc.array(words, { maxLength: 14 }).map((parts) => parts.join("")),
  fc.string({ unit: "binary", maxLength: 80 }),
);

describe("the rule table", () => {
  it("keeps every rule's output on its own example", () => {
    const table = RULES.map((rule) => `${rule.name}: ${clean(exampleOf(rule))}`);
    expect({ version: RULES_VERSION, table }).toMatchSnapshot();
  });

  it.each(RULES.map((rule) => [rule.name, rule] as const))(
    "%s finds its own example, alone and inside a line",
    (name, rule) => {
      for (const text of [exampleOf(rule), `a line "${exampleOf(rule)}" and\nmore`]) {
        const found = scrubText(text).redactions.map((redaction) => redaction.rule);
        expect(found.some((each) => each === name || each === OVERLAPS[name])).toBe(true);
        expect(clean(clean(text))).toBe(clean(text));
      }
    },
  );

  it("has unique names and lower-case keywords, and types that placeholders can carry", () => {
    expect(new Set(RULES.map((rule) => rule.name)).size).toBe(RULES.length);
    for (const rule of RULES) {
      expect(rule.keywords.length).toBeGreaterThan(0);
      expect(
        rule.keywords.every((keyword) => (keyword === keyword.toLowerCase() && keyword.length > 1) || keyword === "@"),
      ).toBe(true);
    }
    for (const type of TYPES) expect(type).toMatch(/^[A-Z][A-Z0-9_]{0,39}$/);
  });
});

describe("what goes", () => {
  it.each([
    ["login failed for user bob password=hunter2", "login failed for user bob password=[REDACTED:PASSWORD]"],
    [`{"api_key": "abc-123-def"}`, `{"api_key": "[REDACTED:SECRET]"}`],
    [`{\\"password\\":\\"hunter2\\"}`, `{\\"password\\":\\"[REDACTED:PASSWORD]\\"}`],
    ["const password = 'hunter2';", "const password = '[REDACTED:PASSWORD]';"],
    ["setExtra('password','hunter2');", "setExtra('password','[REDACTED:PASSWORD]');"],
    ["Authorization: Bearer abc.def.ghi", "Authorization: Bearer [REDACTED:AUTHORIZATION]"],
    ["Cookie: sid=SECRETSID; theme=dark\nAccept: */*", "Cookie: [REDACTED:COOKIE]\nAccept: */*"],
    ["GET /a?token=s3cr3t0&page=2", "GET /a?token=[REDACTED:SECRET]&page=2"],
    ['Cookie: name="v"; b=c', "Cookie: [REDACTED:COOKIE]"],
    ["<password>hunter2</password>", "<password>[REDACTED:PASSWORD]</password>"],
    ["aws_secret: abc/def+ghi=", "aws_secret: [REDACTED:SECRET]"],
    ["mysql --password hunter2 -u bob", "mysql --password [REDACTED:PASSWORD] -u bob"],
    ["postgres://app:p@ss@db/x", "postgres://[REDACTED:URL_CREDENTIALS]@db/x"],
    ["postgres://app:p/w#x@db.internal/x", "postgres://[REDACTED:URL_CREDENTIALS]/x"],
    ["password: hunter2, user: bob", "password: [REDACTED:PASSWORD], user: bob"],
    [`password=${GH}`, "password=[REDACTED:GITHUB_TOKEN]"],
    ["the db password was set to hunter.", "the db password was set to [REDACTED:PASSWORD]."],
    ["credentials admin:hunter22!", "credentials [REDACTED:SECRET]!"],
    ["creds: admin/hunter22", "creds: [REDACTED:SECRET]"],
    ["mot de passe : hunter2", "mot de passe : [REDACTED:PASSWORD]"],
    ["contraseña: hunter2", "contraseña: [REDACTED:PASSWORD]"],
    ['wifi psk="hunter2"', 'wifi psk="[REDACTED:PASSWORD]"'],
    ["requirepass hunter", "requirepass [REDACTED:PASSWORD]"],
    ["username bob password 7 0822455D0A16", "username bob password 7 [REDACTED:PASSWORD]"],
    ["jdbc:oracle:thin:scott/hunter2@h:1521:x", "jdbc:oracle:thin:scott/[REDACTED:PASSWORD]@h:1521:x"],
    ['new NetworkCredential("u", "hunter2")', 'new NetworkCredential("u", "[REDACTED:PASSWORD]")'],
    ["ad_tenant_id: dac6fb3d-713c-4555-8a97-4089aa3849be", "ad_tenant_id: [REDACTED:AZURE_ID]"],
    ['"AWS_ACCOUNT_ID"=>1234-5678-1234', '"AWS_ACCOUNT_ID"=>[REDACTED:AWS_ACCOUNT]'],
    [`wallet key 0x${"ab12".repeat(16)}!`, "wallet key [REDACTED:WALLET_PRIVATE_KEY]!"],
    ['cloudant_key = "' + 'abcdefghijabcdefghijabcd"', 'cloudant_key = "[REDACTED:CLOUDANT_KEY]"'],
    [`token = "ghp_${"aB3".repeat(6)}" +\n  "${"aB3".repeat(6)}";`, 'token = "[REDACTED:GITHUB_TOKEN]";'],
    [`api_key = ("${"aB3d".repeat(5)}"\n           "${"aB3d".repeat(5)}")`, 'api_key = ("[REDACTED:SECRET]")'],
    [`mnemonic: ${"able ".repeat(12)}and`, "mnemonic: [REDACTED:PASSWORD]"],
    ["PASSWORD=1234567890", "PASSWORD=[REDACTED:PASSWORD]"],
    // Only one half is a template, or a random value merely holds what dummies hold.
    ["https://jane:password@host/x", "https://[REDACTED:URL_CREDENTIALS]@host/x"],
    ["https://user:hunter2@host/x", "https://[REDACTED:URL_CREDENTIALS]@host/x"],
    ["password=aB3xxxxd9Kq7Lm2Pw8Zt5Rv1Yn6", "password=[REDACTED:PASSWORD]"],
    ["WEBHOOK_SECRET=https://x.com/hook/aB3d9Kq7Lm2Pw8Zt5Rv1", "WEBHOOK_SECRET=[REDACTED:SECRET]"],
    ["/home/jane/app/x.js", "/home/[REDACTED:USER]/app/x.js"],
    ["file:///Users/jane/x.js:1:2", "file:///Users/[REDACTED:USER]/x.js:1:2"],
    ["C:/Users/Jane Doe/x.js", "C:/Users/[REDACTED:USER]/x.js"],
    ["C:\\\\Users\\\\jane\\\\x.js", "C:\\\\Users\\\\[REDACTED:USER]\\\\x.js"],
    ["connect ECONNREFUSED 9.9.9.9:5432", "connect ECONNREFUSED [REDACTED:IP]:5432"],
    ["from 2a00:1450::1%eth0 and [2620:fe::fe]:80", "from [REDACTED:IP]%eth0 and [[REDACTED:IP]]:80"],
    ["at 2a00:1450:0:0:1:2:3:4.", "at [REDACTED:IP]."],
  ])("%j", (text, expected) => {
    expect(clean(text)).toBe(expected);
  });
});

describe("what stays", () => {
  it.each([
    "Unexpected token = in JSON at position 5",
    "token_count=5 tokens_used: 12345678 max_tokens: 4096",
    "csrf: false, session: null, password: undefined",
    "const password = getPassword();",
    "function login(user: string, password: string) {",
    "login(user=user, password=password)",
    "password: process.env.DB_PASSWORD,",
    "Bearer authentication failed",
    "Basic authentication required",
    "std::vector<a::b> Foo::bar at 12:34:56",
    "Chrome/120.0.0.0 Safari/537.36 v1.2.3.4 release 1.2.3.4 version: 10.20.30.40",
    "127.0.0.1 ::1 0.0.0.0 255.255.255.0",
    "shop-api@1.4.2 and npm:@sentry/node and icon@2x.png and git@github.com:a/b.git",
    "GET /api/users/7 and https://x.com/home/page",
    "http://localhost:5173/@vite/client",
    "process.processTicksAndRejections (node:internal/process/task_queues:95:5)",
    "PWD=/srv/app",
    "connect ECONNREFUSED 10.0.0.5:5432 through 172.31.0.1, 192.168.1.7 and 100.64.0.9",
    "from fe80::1%eth0, fd12:3456:789a::1 and [2001:db8::1]:80",
    "metadata at 169.254.169.254, examples at 192.0.2.1 and 203.0.113.9",
    "value@index.android.bundle:12:1917",
    "render@http://localhost:8081/index.bundle:10:2 and fn@https://x.com/a.js:1:2",
    "mail from noreply@github.com and do-not-reply@x.org",
    "task-1 risk-aversion disk-usage",
  ])("%j", (text) => {
    expect(clean(text)).toBe(text);
  });

  it("keeps placeholders, even as the value of a secret key", () => {
    for (const text of [
      "password=[REDACTED:PASSWORD]",
      "[REDACTED:EMAIL]",
      `token: "[REDACTED:GITHUB_TOKEN]"`,
      "Cookie: [REDACTED:COOKIE]",
    ])
      expect(clean(text)).toBe(text);
  });
});

describe("laws", () => {
  it("changes nothing the second time", () => {
    fc.assert(
      fc.property(text, (input) => {
        const once = clean(input);
        expect(clean(once)).toBe(once);
      }),
      { numRuns: 3000 },
    );
  });

  it("reads an encoded run that only stands free once the token before it is gone", () => {
    const once = clean("phx_" + "aB3d".repeat(15) + btoa(GH) + btoa("and more words"));
    expect(clean(once)).toBe(once);
  });

  it("reads a card number that only stands free once the token before it is gone", () => {
    const hook = ["https://open.feishu.cn/open-apis/bot/v2/hook", "1a2b3c4d-1a2b-4a2b-8a2b-1a2b3c4d5e60"].join("/");
    for (const between of ["", " "]) {
      const once = clean(`${hook}${between}4111 1111 1111 1111`);
      expect(once).not.toContain("1111");
      expect(clean(once)).toBe(once);
    }
  });

  it("says truthfully where things stood: the rest of the text is untouched and in order", () => {
    fc.assert(
      fc.property(text, (input) => {
        const { text: out, redactions } = scrubText(input);
        let from = 0;
        let rest = out.value;
        for (const { start, length } of redactions) {
          expect(start).toBeGreaterThanOrEqual(from);
          const kept = input.slice(from, start);
          expect(rest.startsWith(kept)).toBe(true);
          rest = rest.slice(kept.length).replace(/^\[REDACTED:[A-Z0-9_]+\]/, "");
          from = start + length;
        }
        expect(rest).toBe(input.slice(from));
      }),
      { numRuns: 1000 },
    );
  });

  it("takes what an escape joins to a placeholder together with it, once", () => {
    const ngrok = "NGROK_API_KEY=HLEOTqrC37j7J7CEHG" + "vm_qLGUG5rwSWWZlbAKhhZSa";
    const input = `token\u001bovsxat_4ac58820-ebb0-535e-4d57-${"2589d0ef5896"}${ngrok}`;
    const { text: out, redactions } = scrubText(input);
    const ends = redactions.map(({ start, length }) => start + length);
    expect(redactions.slice(1).every(({ start }, i) => start >= ends[i]!)).toBe(true);
    expect(out.value).not.toContain("HLEOTqrC");
    expect(clean(out.value)).toBe(out.value);
  });

  it("leaves no long secret behind, however long it is", () => {
    for (const size of [300, 500, 5000]) {
      const secret = "aB3d".repeat(size / 4);
      for (const input of [
        `password=${secret}`,
        `"token": "${secret}"`,
        `Bearer ${secret}`,
        `eyJhbGciOiJIUzI1NiJ9.${secret}.${secret}`,
        `Cookie: sid=${secret}; a=b`,
      ]) {
        expect(clean(`x ${input}\n y`)).not.toContain("aB3daB3d");
      }
    }
  });

  it("does a bounded amount of work per character on hostile input", () => {
    // Nothing is timed here: each of these takes minutes or never ends where work is quadratic.
    for (const unit of [
      "eyJ",
      "-----BEGIN PRIVATE KEY-----",
      "password=",
      "://a:",
      "@",
      "a@",
      "1.",
      "a::",
      "/home/",
      "Bearer ",
      'token:"',
      "Cookie: a=",
      "[REDACTED:",
      "ghp_",
      "sk-",
      '\\"secret\\":\\"',
      "secret,",
    ]) {
      const long = unit.repeat(200_000 / unit.length);
      expect(clean(clean(long))).toBe(clean(long));
    }
  }, 60_000);
});

describe("Scrubbed", () => {
  it("cannot be forged by shape, prototype, subclass or a call", () => {
    const real = scrubText("x").text;
    expect(Scrubbed.is(real)).toBe(true);
    expect(Scrubbed.is({ value: "x" })).toBe(false);
    expect(Scrubbed.is(Object.create(Scrubbed.prototype))).toBe(false);
    expect(Scrubbed.is(Object.create(real))).toBe(false);
    expect(Scrubbed.is(new Proxy(real, {}))).toBe(false);
    expect(() => new Scrubbed(Symbol("scrub"), "hunter2")).toThrow(TypeError);
    class Evil extends Scrubbed<string> {}
    expect(() => new Evil(Symbol("scrub"), "hunter2")).toThrow(TypeError);
    expect(() => Object.defineProperty(real, "value", { value: "hunter2" })).toThrow(TypeError);
    expect(() => Object.defineProperty(Scrubbed.prototype, "value", { value: "hunter2" })).toThrow(TypeError);
    expect(() => Object.setPrototypeOf(real, { value: "hunter2" })).toThrow(TypeError);
  });
});

describe("scrubLabel", () => {
  it("makes one line without control characters, at most so long", () => {
    expect(scrubLabel("a\0b\n\tc\u202ed", 50).value).toBe("a b c d");
    expect(scrubLabel("x".repeat(400), 300).value).toHaveLength(300);
    expect(scrubLabel("password=hunter2", 50).value).toBe("password=[REDACTED:PASSWORD]");
  });

  it("never ends in half a placeholder or half a character", () => {
    fc.assert(
      fc.property(text, fc.nat({ max: 60 }), (input, max) => {
        const label = scrubLabel(input, max + 1).value;
        expect(label.length).toBeLessThanOrEqual(max + 1);
        expect(label.isWellFormed()).toBe(true);
        expect(scrubLabel(label, max + 1).value).toBe(label);
      }),
      { numRuns: 2000 },
    );
  });
});
