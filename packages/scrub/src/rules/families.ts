import { AI_FAMILIES } from "./families-ai.ts";
import { CHAT_FAMILIES } from "./families-chat.ts";
import { CI_FAMILIES } from "./families-ci.ts";
import { CLOUD_FAMILIES } from "./families-cloud.ts";
import { DATABASE_FAMILIES } from "./families-database.ts";
import { MAIL_FAMILIES } from "./families-mail.ts";
import { OBSERVABILITY_FAMILIES } from "./families-observability.ts";
import { OTHER_FAMILIES } from "./families-other.ts";
import { PAYMENT_FAMILIES } from "./families-payment.ts";
import { VCS_FAMILIES } from "./families-vcs.ts";
import type { Family } from "./family.ts";

/** All token families, area by area. */
export const FAMILIES: readonly Family[] = [
  ...VCS_FAMILIES,
  ...CI_FAMILIES,
  ...CLOUD_FAMILIES,
  ...PAYMENT_FAMILIES,
  ...MAIL_FAMILIES,
  ...CHAT_FAMILIES,
  ...AI_FAMILIES,
  ...DATABASE_FAMILIES,
  ...OBSERVABILITY_FAMILIES,
  ...OTHER_FAMILIES,
];
