import { KEY_VALUE } from "../keys/key-value.ts";
import type { Rule } from "../engine/rule.ts";
import { CALL_ARGUMENT } from "./call-argument.ts";
import { CLOUD_ACCOUNTS } from "./cloud-accounts.ts";
import { COMMAND_LINE } from "./command-line.ts";
import { CREDENTIALS } from "./credentials.ts";
import { ALIGNED_VALUE, DECLARED_VALUE } from "./declared-value.ts";
import { FAMILIES } from "./families/index.ts";
import { familyRule } from "./families/family.ts";
import { GRAPHQL_VARIABLE } from "./graphql-variable.ts";
import { KUBERNETES_SECRET } from "./kubernetes-secret.ts";
import { MARKED_TOKEN } from "./marked-token.ts";
import { TINK_KEY, WEB_KEY } from "./key-set.ts";
import { NAMELESS } from "./nameless.ts";
import { KEY_PAIR, PROTOCOL_LOGIN } from "./protocol-login.ts";
import { NATIONAL_NUMBER } from "./national-number.ts";
import { NODE_URL, QUERY_KEY } from "./url-key.ts";
import { PHONES } from "./phones.ts";
import { PRIVATE_KEYS } from "./private-key.ts";
import { TOLD_TOKEN } from "./told-token.ts";
import { MAILED_LINK, WEBHOOK_URL } from "./webhook-url.ts";
import { PERSONAL_NUMBERS } from "./personal-numbers.ts";
import { PERSONAL } from "./personal.ts";
import { TABLE_COLUMN } from "./table-column.ts";

/** Goes up with every change of the table below. A crash report says it (`rules_version`); nothing else keeps it. */
export const RULES_VERSION = 9;

/** The whole table. A new family is a new line in one of the files of `families/`. */
export const RULES: readonly Rule[] = [
  ...FAMILIES.map(familyRule),
  ...PRIVATE_KEYS,
  ...CREDENTIALS,
  ...CLOUD_ACCOUNTS,
  ...COMMAND_LINE,
  ...PROTOCOL_LOGIN,
  ...NAMELESS,
  KEY_PAIR,
  WEB_KEY,
  TINK_KEY,
  NODE_URL,
  QUERY_KEY,
  MARKED_TOKEN,
  TOLD_TOKEN,
  CALL_ARGUMENT,
  DECLARED_VALUE,
  ALIGNED_VALUE,
  WEBHOOK_URL,
  MAILED_LINK,
  GRAPHQL_VARIABLE,
  KUBERNETES_SECRET,
  KEY_VALUE,
  TABLE_COLUMN,
  ...PERSONAL,
  ...PERSONAL_NUMBERS,
  ...NATIONAL_NUMBER,
  ...PHONES,
];

/** Every word a placeholder may say: the rules' types, and those that keys of objects give. */
export const TYPES: ReadonlySet<string> = new Set([
  ...RULES.map((rule) => rule.type),
  "PASSWORD",
  "AUTHORIZATION",
  "COOKIE",
  "SESSION",
  "SECRET",
  "DROPPED",
  "REPOSITORY",
  "PATH",
  "URL",
]);
