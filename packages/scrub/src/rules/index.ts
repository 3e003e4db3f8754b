import { KEY_VALUE } from "../key-value.ts";
import type { Rule } from "../rule.ts";
import { CLOUD } from "./cloud.ts";
import { CODE_HOSTING } from "./code-hosting.ts";
import { CREDENTIALS } from "./credentials.ts";
import { PERSONAL } from "./personal.ts";
import { SERVICES } from "./services.ts";

/** Goes up with every change of the table below; stored beside what was scrubbed with it. */
export const RULES_VERSION = 1;

/** The whole table. A new family is a new line in one of these files. */
export const RULES: readonly Rule[] = [...CODE_HOSTING, ...CLOUD, ...SERVICES, ...CREDENTIALS, KEY_VALUE, ...PERSONAL];

/** Every word a placeholder may say: the rules' types, and those that keys of objects give. */
export const TYPES: ReadonlySet<string> = new Set([
  ...RULES.map((rule) => rule.type),
  "PASSWORD",
  "AUTHORIZATION",
  "COOKIE",
  "SESSION",
  "SECRET",
]);
