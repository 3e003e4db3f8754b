import { AI_FAMILIES } from "./ai.ts";
import { CHAT_FAMILIES } from "./chat.ts";
import { CI_FAMILIES } from "./ci.ts";
import { CLOUD_FAMILIES } from "./cloud.ts";
import { DATABASE_FAMILIES } from "./database.ts";
import { MAIL_FAMILIES } from "./mail.ts";
import { OBSERVABILITY_FAMILIES } from "./observability.ts";
import { OTHER_FAMILIES } from "./other.ts";
import { PARTNER_FAMILIES } from "./partners.ts";
import { PAYMENT_FAMILIES } from "./payment.ts";
import { VCS_FAMILIES } from "./vcs.ts";
import { OWN_FAMILIES } from "./own.ts";
import type { Family } from "./family.ts";

/** All token families, area by area: one file an area, one line a family. */
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
  ...PARTNER_FAMILIES,
  ...OWN_FAMILIES,
];
