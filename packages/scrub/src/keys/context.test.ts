import { describe, expect, it } from "vitest";
import { scrubJson, scrubText } from "../index.ts";

const clean = (text: string): string => scrubText(text).text.value;
/** Made up; every text below holds it once or more. */
const PW = "Sw0rd" + "fish-9";

describe("passwords in context", () => {
  it.each([
    ["in other languages", "Пароль: @"],
    ["in other languages", "пароль от сервера: @"],
    ["in other languages", "用户名:admin 密码:@，请保密"],
    ["in other languages", "数据库密码是@"],
    ["in other languages", "初期パスワードは @ です"],
    ["in other languages", "비밀번호(@)"],
    ["in other languages", "hasło: @"],
    ["in other languages", "Şifre: @"],
    ["in other languages", "Mật khẩu: @"],
    ["in other languages", "كلمة المرور: @"],
    ["in other languages", "Lösenord: @"],
    ["in prose", "I changed the root password to '@' yesterday."],
    ["in prose", "the password we use in production: @"],
    ["in prose", "temporary password generated: @"],
    ["in prose", "Credentials: admin / @"],
    ["in prose", "ID / PW : master / @"],
    ["in prose", "**Password:** `@`"],
    ["in YAML", "password: !!str @"],
    ["in YAML", "password: &shared @"],
    ["in CSV", "id,user,password\n1,bob,@\n2,eve,@"],
    ["in CSV", '"name","password"\n"bob","@"'],
    ["in CSV", "user;password;role\nbob;@;admin"],
    ["in tables", "| Host | Password |\n|---|---|\n| db | @ |"],
    ["in tables", "|| Host || Password ||\n| db | @ |"],
    ["in tables", " id | password \n----+----------\n  1 | @"],
    ["in tables", "Host      User     Password\n----------------------------\nweb01     www      @"],
    ["in tables", "| Password | `@` |"],
    ["in markup", '<x:Password Type="text">@</x:Password>'],
    ["in markup", '<entry key="mail.password">@</entry>'],
    ["in markup", '<property name="password"><value>@</value></property>'],
    ["in markup", "<password><![CDATA[@]]></password>"],
    ["in markup", "<td>Password</td><td>@</td>"],
    ["in forms", 'form-data; name="password"\r\n\r\n@\r\n--b1'],
    ["in forms", "user[password]=@&x=1"],
    ["in SQL", "INSERT INTO users (name, password) VALUES ('bob', '@'), ('eve', '@')"],
    ["in SQL", "ALTER USER bob IDENTIFIED BY @;"],
    ["in SQL", "CREATE LOGIN bob WITH PASSWORD = N'@';"],
    ["in URLs", "jdbc:sqlserver://h;user=sa;password={@};"],
    ["in arguments", "args [--db-password, @, --port, 80]"],
    ["in arguments", "['--password', '@', '-v']"],
    ["in lists", 'passwords: ["@", "@"]'],
    ["in code", 'PASSWORD = os.environ.get("PASSWORD") or "@"'],
    ["in code", "const password = process.env.PASSWORD ?? '@';"],
    ["in code", "ENV['API_SECRET'] ||= '@'"],
    ["in code", 'new PasswordAuthentication("u", "@".toCharArray())'],
    ["in code", 'DriverManager.getConnection(url, "root", "@");'],
    ["in code", 'variable "db_password" {\n  type = string\n  default = "@"\n}'],
    ["in tests of pages", 'find_element(By.ID, "password").send_keys("@")'],
    ["in tests of pages", "page.fill('input[name=\"password\"]', '@')"],
    ["in expect", 'expect "Password:"\nsend "@\\r"'],
  ])("go %s: %j", (_where, template) => {
    const text = template.replaceAll("@", PW);
    expect(clean(text)).not.toContain(PW);
    expect(clean(clean(text))).toBe(clean(text));
  });

  it("a plain word goes where it stands alone on its line", () => {
    expect(clean("user: bob\nsecret: pelican\n")).toBe("user: bob\nsecret: [REDACTED:SECRET]\n");
  });

  it("keys of objects are read in other languages as well", () => {
    expect(scrubJson({ лампа: PW }).value.value).toEqual({ лампа: PW });
    expect(scrubJson({ пароль: PW, 数据库密码: PW }).value.value).toEqual({
      пароль: "[REDACTED:PASSWORD]",
      数据库密码: "[REDACTED:PASSWORD]",
    });
  });

  it("labels in files of messages stay, in objects as in text", () => {
    const messages = { password: "Mot de passe", newPassword: "Neues Passwort", senha: "Senha" };
    expect(scrubJson(messages).value.value).toEqual(messages);
    expect(clean(JSON.stringify(messages))).toBe(JSON.stringify(messages));
  });
});

describe("what only speaks of passwords", () => {
  it.each([
    "Passwort: erforderlich",
    "Contraseña: obligatoria",
    "hasło: wymagane",
    "Şifre: zorunlu",
    "Пароль: неверный",
    "Пароль: введите пароль",
    "密码: 6-16位字符",
    "密码错误,请重试",
    "パスワードは8文字以上にしてください",
    "비밀번호: 필수 항목",
    '{"login":"Anmelden","password":"Passwort"}',
    '"password": "Mot de passe"',
    "ValidationError: password: Cast to string failed",
    "password: Path `password` is required.",
    "function check(password: string): boolean {",
    "password: !Ref DbPassword",
    "password: !vault |",
    "password: *shared",
    "secret: optional",
    "auth: none",
    "token: expired",
    '"pass": "The element has a title attribute"',
    "first pass: parsing",
    '<label for="password">Password</label>',
    '<string name="password">Kennwort</string>',
    "<td>Password</td><td>Role</td>",
    "https://<user>:<password>@<host>/x",
    "| Field | Type | Required |\n|---|---|---|\n| password | string | yes |",
    "test,pass,fail\nunit,12,0",
    "username, password, email\none, two, three",
    "INSERT INTO users (name, password) VALUES (?, ?)",
    "each record is identified by id",
    'parser.add_option("--password", action="store")',
    'tokens = ["IDENT", "NUMBER"]',
    'tokens.push("|")',
    "Bad activity token: android.os.BinderProxy@2bd79ce",
    "AppWindowToken{df0798e token=Token{78af589 ActivityRecord}}",
    "delay=00:00:01, dsn=4.0.0, stat=Deferred",
    "Expiring session 0x24ede63a5a70001, timeout of 10000ms exceeded",
    "[SessionTracker:ZooKeeperServer@325] - Session: 30546173_4261722401 initialized",
    "Connecting to driver: spark://Scheduler@10.10.34.11:48069",
    "Adding job token for job_1 to jobTokenSecretManager",
    'password.encode("utf-8")',
    "const pass = expected === actual;",
    "def connect(host, password=None):",
  ])("%j stays", (text) => {
    expect(clean(text)).toBe(text);
  });
});

describe("hostile input", () => {
  it("costs no more than its length", () => {
    // Nothing is timed here: each of these takes minutes where work is quadratic.
    for (const unit of [
      "password,x\n",
      "a|password\n",
      "пароль",
      "密码:",
      "(password) values (",
      "<password a=",
      "id/pw ",
      "**password**",
      'passwords: ["a",',
      "password: !!str ",
      "password\n---\n",
    ]) {
      const long = unit.repeat(120_000 / unit.length);
      expect(clean(clean(long))).toBe(clean(long));
    }
  }, 60_000);
});
