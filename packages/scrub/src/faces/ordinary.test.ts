import { describe, expect, it } from "vitest";
import { scrubText } from "../index.ts";
import { seeded } from "../rules/families/sample.ts";

const clean = (text: string): string => scrubText(text).text.value;
const random = seeded(2026);
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
const number = (most: number): number => Math.floor(random() * most);
const hex = (length: number): string => Array.from({ length }, () => "0123456789abcdef"[number(16)]).join("");
const uuid = (): string => `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`;
const two = (value: number): string => String(value).padStart(2, "0");
const time = (): string =>
  `2026-11-${two(1 + number(28))}T${two(number(24))}:${two(number(60))}:${two(number(60))}.${number(1000)}Z`;
const clock = (): string => `${two(number(24))}:${two(number(60))}:${two(number(60))}`;

/** Lines as programs write them on an ordinary day: nothing in them is anyone's business. */
const LINES: readonly (() => string)[] = [
  () =>
    `web-1 nginx: "GET /api/v1/orders/${number(9999)}?page=${number(20)}&sort=-created_at HTTP/1.1" ${pick([200, 304, 404, 502])} ${number(9999)} "-" "curl/8.5.0"`,
  () =>
    `${time()} [error] 31#31: *${number(9999)} upstream timed out (110: Connection timed out) while reading response header`,
  () =>
    `2026-11-21 ${clock()}.123 UTC [${number(9999)}] LOG:  duration: ${number(999)}.42 ms  statement: SELECT id, token_count FROM usage WHERE id = $1`,
  () =>
    `ERROR:  duplicate key value violates unique constraint "orders_pkey" DETAIL:  Key (id)=(${number(9999)}) already exists.`,
  () => `FATAL:  password authentication failed for user "app"`,
  () => `\tat com.acme.shop.auth.TokenService.refresh(TokenService.java:${number(900)})`,
  () => `Caused by: java.lang.IllegalStateException: Session is already closed (id=${uuid()})`,
  () => `    at Object.<anonymous> (/srv/app/node_modules/express/lib/router/index.js:${number(900)}:${number(80)})`,
  () => `TypeError: Cannot read properties of undefined (reading 'password')`,
  () =>
    `{"level":30,"time":${1732000000000 + number(9e8)},"pid":${number(9999)},"hostname":"web-1","reqId":"${hex(16)}","msg":"request completed","responseTime":${number(900)}}`,
  () =>
    `{"trace_id":"${hex(32)}","span_id":"${hex(16)}","severity":"INFO","body":"cache miss for key user:${number(9999)}:profile"}`,
  () =>
    `I1121 ${clock()}.123456       1 controller.go:${number(900)}] "Reconciled" object="default/web-${hex(9)}-${hex(5)}" generation=${number(50)}`,
  () =>
    `Warning  FailedMount  kubelet  MountVolume.SetUp failed for volume "kube-api-access-${hex(5)}" : secret "db-credentials" not found`,
  () => `Nov 21 ${clock()} web-1 systemd[1]: Started Session ${number(999)} of User deploy.`,
  () =>
    `Nov 21 ${clock()} web-1 kernel: [${number(9999)}.123456] usb 1-1: new high-speed USB device number ${number(20)}`,
  () => `Nov 21 ${clock()} web-1 sshd[${number(9999)}]: Accepted publickey for deploy from port ${number(60000)} ssh2`,
  () => `commit ${hex(40)} (HEAD -> main, tag: v${number(9)}.${number(20)}.${number(20)})`,
  () => `index ${hex(7)}..${hex(7)} 100644 md5 ${hex(32)} sha256:${hex(64)}`,
  () => `Pulling image "registry.example.com/shop/api@sha256:${hex(64)}"`,
  () => `npm warn deprecated @types/node@${number(20)}.${number(20)}.${number(9)}: use node-fetch instead`,
  () => `  File "/usr/lib/python3.11/site-packages/django/contrib/auth/tokens.py", line ${number(900)}, in check_token`,
  () =>
    `[${time()}] INFO kafka.coordinator: Group checkout-${number(9)} with generation ${number(99)} is now empty (__consumer_offsets-${number(50)})`,
  () => `warning: unused variable: \`token\` --> src/parser/lexer.rs:${number(900)}:${number(80)}`,
  () => `goroutine ${number(9999)} [running]: main.(*Server).handle(0xc000${hex(6)}, {0x7f${hex(10)}, 0x${hex(2)}})`,
  () => `==${number(9999)}==ERROR: AddressSanitizer: heap-use-after-free on address 0x60${hex(10)} at pc 0x${hex(12)}`,
  () => `event ${uuid()} accepted, fingerprint ${hex(32)}, ${number(99)} times since ${time()}`,
  () => `Invalid token: expected '}' but found ',' at line ${number(99)} column ${number(80)}`,
  () => `csrf token missing or incorrect for ${pick(["/login", "/checkout"])}; the session has expired`,
  () =>
    `Chrome/${number(140)}.0.${number(7000)}.${number(200)} Safari/537.36 version ${number(9)}.${number(9)}.${number(9)}.${number(9)}`,
  () => `redis: GET cart:${number(99999)} hit ratio 0.${number(99)} keys=${number(9999)} evicted_keys=${number(99)}`,
  () => `The API key was rotated; the old secret is no longer valid.`,
  () => `Please enter your password to continue. Password must be at least 12 characters.`,
  () => `UPDATE accounts SET password = ?, token = NULL WHERE id = ${number(9999)}`,
  () => `auth: loading provider github, scopes=repo,read:org, callback=/auth/callback`,
  () =>
    `max_tokens=${number(4096)} prompt_tokens: ${number(999)}, completion_tokens: ${number(999)}, model: claude-sonnet`,
];

describe("ordinary lines", () => {
  it("stay as they are, 98 of 100 at least", () => {
    const lines = Array.from({ length: 3500 }, (_, i) => LINES[i % LINES.length]!());
    const changed = lines.filter((line) => clean(line) !== line);
    expect(changed.slice(0, 5)).toEqual([]);
    expect(changed.length / lines.length).toBeLessThanOrEqual(0.02);
  });
});

describe("hard negatives", () => {
  const LINES_OF_CODE: readonly string[] = [
    "password = getpass.getpass()",
    'password = os.environ["DB_PASSWORD"]',
    "const token = await getToken(user);",
    "const { password, token } = req.body;",
    'password: "${DB_PASSWORD}"',
    "password: ${{ secrets.DB_PASSWORD }}",
    'api_key = "YOUR_API_KEY"',
    'apiKey: "<your-api-key>"',
    "API_KEY=xxxxxxxxxxxxxxxx",
    "password=********",
    "password=null&token=undefined",
    'token: process.env.NPM_TOKEN ?? "",',
    "//packages.example.org/:_authToken=${NPM_TOKEN}",
    "if (password === confirmPassword) return;",
    'String password = request.getParameter("password");',
    "password = config.get('database.password')",
    "def login(username: str, password: str) -> Token:",
    "private final String password;",
    "public record Login(String user, String password) {}",
    'label: "Password", placeholder: "Enter your password"',
    '"forgot_password": "Forgot your password?"',
    'passwordField.setText("")',
    "SECRET_KEY = env('SECRET_KEY')",
    "secret: vault:secret/data/db#password",
    "secretKeyRef:\n  name: db-credentials\n  key: password",
    "password: !vault |",
    'getPassword("the prompt")',
    "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db",
    "primary_key: id, foreign_key: user_id, cache_key: orders-2024-11-21",
    "key: value, keyboard: qwerty, monkey: see",
    "https://${user}:${password}@example.com/x",
    "https://example.com/login?next=/account/password/reset",
    "token_type: bearer, expires_in: 3600",
    "Authorization: Bearer ${token}",
    "Authorization header is missing",
    "curl -u $USER:$PASSWORD https://example.com",
    "mysql -u root -p shop < dump.sql",
    "docker login -u $USER -p $TOKEN",
    "password is required and must be a string",
    "the password for this user is incorrect",
    "the token is expired; ask for a new one",
    'uuid 123e4567-e89b-12d3-a456-426614174000 and etag W/"5f4dcc3b"',
    "icon@2x.png, shop@1.4.2, @types/node, user@localhost",
    "std::map<std::string, secret::Token> a::b::c",
    "10:20:30:40 1:2:3 00:00:00:00:00:00 ff:ff:ff:ff:ff:ff",
    "order 1234567890123456 shipped, ref 0000-0000-0000-0000",
    "call +1 or 2 times, offset +0200, +1.5 %",
    "version 1.2.3.04, 2.0.0.0, Chrome/120.0.6099.71",
    "password = prompt('Password: ')",
    "DB_PASSWORD=${DB_PASSWORD:?missing}",
    "password=`pass show db`",
    'password = f"{pw}"',
    "$password = $config->get('password');",
    "password = random_password.db.result",
    "password=changeit",
    "password = foo-bar",
    "PASSWORD=$1",
    "password_hash: sha256",
    "JWT_ALGORITHM=HS256",
    "SECRET_KEY=replace-with-random-string",
    "secret = a-made-up-fake-value",
    "cloud-iam-key: afakekey",
    "private_key: ~/.ssh/id_rsa",
    "ssl_key=/etc/nginx/ssl/server.key",
    "credentials: 'same-origin'",
    'connectionString: "Server=db;Database=shop;Integrated Security=True"',
    "tokenUrl: https://login.example.com/oauth/token, secret_url: https://x.com/a/b",
    "https://<user>:<pass>@host/x",
    "https://username:password@example.com/v1",
    "mongodb://YOUR_USERNAME:YOUR_PASSWORD@localhost:27017/db",
    "postgres://user:pass@localhost/db and postgres://postgres:postgres@db:5432/x",
    "amqp://guest:guest@localhost:5672/",
    "AWS_ACCESS_KEY_ID=AKIA" + "IOSFODNN7EXAMPLE",
    "AWS_ACCESS_KEY_ID=AKIA" + "X".repeat(16),
    "token = ghp_" + "x".repeat(36),
    "xoxb-" + "your-bot-token, sk_test_" + "your_key_here",
    "glpat-" + "XXXXXXXXXXX-XXXXXXXX",
    // One character too few or too many for the format that the vendor documents.
    "hf_" + "aB3d".repeat(8) + "a",
    "gsk_" + "aB3d".repeat(13) + "e",
    "ntn_" + "1234567890" + "aBcDe".repeat(7),
    "cfat_" + "aB3d".repeat(10) + "03fa099bZ",
    "SG." + "aB3d".repeat(5) + "." + "aB3d".repeat(8),
    "gloas-" + "aB3_".repeat(17),
    "sk-ant-api03-" + "aB3d".repeat(8),
    "eyJ" + "hbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ.eyJ" + "zdWIiOiIxMjM0NTY3ODkwIn0.aB3d",
    "api_key = 1234567890, API_KEY=0000000000000000, token: abcdefghijklmnop",
    "credentialsId: 'nexus3-prod', tokenAddress: 0x" + "aB".repeat(20),
    "pageToken=abc2def, password_attempts=12, apiKeyHeader=X-Api-Key",
    'System.out.println("Password: " + password);',
    "pub password: Option<String>, pass: 12, fail: 0",
    "/home/runner/build/app/src/x.ts and /home/ubuntu/app.js",
    "mnemonic: jmp eax",
    "0x" + "ab12".repeat(16) + " is the hash of the block",
    "tenant_id: 550e8400-e29b-41d4-a716-446655440000",
    "upstream 10.1.2.3:8080, peer 192.168.4.5, metadata 169.254.169.254, fe80::1%eth0",
    "noreply@github.com",
  ];

  it("stay, 85 of 100 at least", () => {
    const changed = LINES_OF_CODE.filter((line) => clean(line) !== line);
    expect(changed.length / LINES_OF_CODE.length, changed.join("\n")).toBeLessThanOrEqual(0.05);
  });
});
