import { describe, expect, it } from "vitest";
import { scrubText } from "../../index.ts";

const clean = (text: string): string => scrubText(text).text.value;
/** Put together at run time, so that no scanner trips. */
const random = (length: number): string => "aB3dE6gH9kL2mN5pQ8rS1tU4vW7xY0z".repeat(8).slice(0, length);
const hex = (length: number): string => "3f9a0c6d81b4e7a2".repeat(8).slice(0, length);
const uuid = (): string => `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`;

describe("tokens of services nobody has listed", () => {
  it.each([
    ["a stage between the service and the value", `acme_live_${random(24)}`],
    ["two words and a stage", `acme_key_test_${random(22)}`],
    ["a word that says what it opens", `acme_pat_${random(30)}`],
    ["a short mark and strokes", `sk-acme-${random(28)}`],
    ["a hash as a secret key of a stage", `acme_sk_live_${hex(32)}`],
  ])("%s goes", (_, token) => {
    expect(clean(`value ${token} was refused`)).toMatch(/^value \[REDACTED:[A-Z_]+\] was refused$/);
  });

  it.each([
    `pk_live_${random(24)} is public`,
    `database shop_staging_${hex(32)} created`,
    `cache key session_test_${uuid()}`,
    "running it_test_the_long_name_of_a_case_2026_11_21",
    "image shop_prod_2026_11_21_build_4711_linux_amd64",
    "sk_your_api_key_goes_here_please_0123456789",
  ])("%s stays", (text) => {
    expect(clean(text)).toBe(text);
  });
});

describe("a key handed to what opens a session", () => {
  it.each([
    ["a constructor", `const mail = new Acme('${random(32)}');`],
    ["a name space", `Acme::Client.new; $api = new \\Acme\\Client("${random(32)}");`],
    ["the second argument", `search("APP7", "${hex(32)}");`],
    ["one per line", `connect(\n  "eu",\n  "${random(40)}",\n)`],
    ["a call of the library", `acme.init("${random(24)}", options)`],
  ])("of %s goes", (_, text) => {
    expect(clean(text)).toContain("[REDACTED:");
    expect(clean(text)).not.toContain(random(12));
    expect(clean(clean(text))).toBe(clean(text));
  });

  it.each([
    `new ObjectId("${hex(24)}")`,
    `new Commit("${hex(40)}")`,
    `new Error("could not connect to ${uuid()}")`,
    `client("https://api.example.com/v1/things")`,
    `init("${uuid()}")`,
  ])("%s stays", (text) => {
    expect(clean(text)).toBe(text);
  });
});

describe("addresses that open by themselves", () => {
  it.each([
    `https://chat.example.com/hooks/${random(26).toLowerCase()}`,
    `https://example.webhook.example.com/webhookb2/${uuid()}@${uuid()}/Any/${hex(32)}`,
    `https://hc-ping.com/${uuid()}`,
    `https://calendar.example.com/calendar/ical/bob/private-${hex(32)}/basic.ics`,
  ])("%s goes", (url) => {
    expect(clean(`posted to ${url} twice`)).toMatch(/^posted to https:\/\/\S*\[REDACTED:[A-Z_]+\] twice$/);
  });

  it.each([
    "POST https://example.com/webhooks/stripe 200",
    "https://example.com/static/hooks/useSession.3f9a0c6d81b4.js:10:3",
    "running .git/hooks/pre-commit",
  ])("%s stays", (text) => {
    expect(clean(text)).toBe(text);
  });
});

describe("a manifest of a secret", () => {
  it("loses its values, whatever their keys are", () => {
    const text = `apiVersion: v1\ndata:\n  extra: ${btoa("bob:" + "hunter2")}\n  other: '${btoa("more" + "hunter2")}'\nkind: Secret\n`;
    expect(clean(text)).toBe("apiVersion: v1\ndata:\n  extra: [REDACTED:SECRET]'\nkind: Secret\n");
  });

  it.each([
    "kind: Secret\ndata:\n  pem: {{ .Values.pem }}\n",
    'kind: Secret\ndata:\n  csrf: ""\n',
    `kind: ConfigMap\ndata:\n  extra: ${btoa("some settings")}\n`,
    "kind: ExternalSecret\nspec:\n  data:\n    - name: from\n",
  ])("%j stays", (text) => {
    expect(clean(text)).toBe(text);
  });
});

describe("credentials in the places of a call or command", () => {
  it.each([
    [`mysqli_connect('db', 'bob', '`, "hunter2", `', 'shop')`],
    [`DriverManager.getConnection(url, "bob", "`, "hunter2", `")`],
    [`{"method":"auth.login_with_api_key","params":["`, "8-" + random(64), `"]}`],
    ["psexec \\\\host -u bob -p ", "hunter2", " cmd"],
    ["snmp-server community ", "pr1vate", " RW"],
    ["radius-server key 7 ", "hunter2x", ""],
    [`ldap_bind($c, "cn=bob", "`, "hunter2", `");`],
    [`curl -u ":`, "hunter2!x", `" https://example.com`],
    [`curl -u bob:'`, "hunter2!x", `' https://example.com`],
    ["curl -u ", "hunter2hunter2", ": https://example.com"],
  ])("%s… goes", (before, secret, after) => {
    expect(clean(before + secret + after)).not.toContain(secret);
  });

  it.each([
    `curl -u "$USER":"$PASSWORD" https://example.com`,
    "mysqli_connect($host, $user, $password)",
    `getConnection("jdbc:postgresql://db/shop", user, password)`,
  ])("%s stays", (text) => {
    expect(clean(text)).toBe(text);
  });
});

describe("declarations that put other words between name and value", () => {
  it.each([
    ["a macro", `#define ACME_KEY "`, `"`],
    ["Gradle", `buildConfigField "String", "ACME_KEY", "\\"`, `\\""`],
    ["Terraform", `variable "acme_token" {\n  type        = string\n  default     = "`, `"\n}`],
    ["an Android manifest", `<meta-data android:name="com.acme.ApiKey" android:value="`, `"/>`],
    ["PHP", `s:9:"acme_pass";s:31:"`, `";`],
    [".pgpass", "db.example.com:5432:shop:app:", "\n"],
    ["a list", "api_keys:\n  - ", "\n  - next\n"],
    ["an access token", "ACME_PAT=", "\n"],
    ["an aligned setting", `acme_token            = "`, `"`],
    ["an authorization of its own", "Authorization: Acme ", "\n"],
    ["a name that ends in auth", `"user_auth": "`, `"`],
  ])("of %s: the value goes", (_, before, after) => {
    const text = before + random(31) + after;
    expect(clean(text)).not.toContain(random(12));
    expect(clean(text).startsWith(before.slice(0, 8))).toBe(true);
    expect(clean(clean(text))).toBe(clean(text));
  });

  it.each([
    `#define ACME_KEY_FILE "/etc/acme/key.pem"`,
    `#define VERSION_TEXT "2026.11.21-4711abc"`,
    `variable "acme_token" {\n  type = string\n}`,
    `s:4:"name";s:5:"orders";`,
    "tokens:\n  - identifier\n  - punctuation\n",
    "the path = /usr/local/lib/node_modules_2026",
    `key = Buffer.from(secret, "base64")`,
    `policy: "arn:aws:iam::aws:policy/IAMUserChangePassword"`,
    "Authorization: Acme authentication of users is required here",
  ])("%s stays", (text) => {
    expect(clean(text)).toBe(text);
  });
});

describe("names that resemble tokens", () => {
  it.each(["b.removeTransientObservers()", "s.makeKubeConfigController = args", "r.ACCEPTANCETIMEOUTSECONDS"])(
    "%s stays",
    (text) => {
      expect(clean(text)).toBe(text);
    },
  );
});
