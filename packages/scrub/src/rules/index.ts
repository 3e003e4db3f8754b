import { KEY_VALUE } from "../keys/key-value.ts";
import type { Rule } from "../engine/rule.ts";
import { CALL_ARGUMENT } from "./call-argument.ts";
import { CLOUD_ACCOUNTS } from "./cloud-accounts.ts";
import { COMMAND_LINE } from "./command-line.ts";
import { CREDENTIALS } from "./credentials.ts";
import { ALIGNED_VALUE, DECLARED_VALUE } from "./declared-value.ts";
import { FAMILIES } from "./families/index.ts";
import { familyRule } from "./families/family.ts";
import { KUBERNETES_SECRET } from "./kubernetes-secret.ts";
import { MARKED_TOKEN } from "./marked-token.ts";
import { WEBHOOK_URL } from "./webhook-url.ts";
import { PERSONAL_NUMBERS } from "./personal-numbers.ts";
import { PERSONAL } from "./personal.ts";
import { TABLE_COLUMN } from "./table-column.ts";

/** Goes up with every change of the table below. A crash report says it (`rules_version`); nothing else keeps it. */
export const RULES_VERSION = 4;

/** The whole table. A new family is a new line in one of the files of `families/`. */
export const RULES: readonly Rule[] = [
  ...FAMILIES.map(familyRule),
  ...CREDENTIALS,
  ...CLOUD_ACCOUNTS,
  ...COMMAND_LINE,
  MARKED_TOKEN,
  CALL_ARGUMENT,
  DECLARED_VALUE,
  ALIGNED_VALUE,
  WEBHOOK_URL,
  KUBERNETES_SECRET,
  KEY_VALUE,
  TABLE_COLUMN,
  ...PERSONAL,
  ...PERSONAL_NUMBERS,
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
