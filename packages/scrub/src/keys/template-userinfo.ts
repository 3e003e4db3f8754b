import { isPlaceWord } from "./place-word.ts";

/** A name that stands for any user: `user`, `db_user`, `YOUR_USERNAME`, `testuser`. */
const ANY_USER =
  /^(?:(?:my|your|the|some|db|test|api|app|sql|mongo|mysql|pg)[-_.]?)?(?:user|usr|username|userid|uname|name|login|admin|administrator|root|owner)(?:[-_.]?name)?$/i;

/** A word that stands for any password: `pass`, `mypassword`, `db_password`, `supersecret`. */
const ANY_PASSWORD =
  /^(?:(?:my|your|the|some|db|user|admin|root|super)[-_.]?)?(?:(?:secret[-_.]?)?(?:password|passwd|passwort|pass|pwd|pw)|secret|token)$/i;

/** Accounts that programs come with; under these names the same word as the password is the maker's default. */
const SHIPPED_ACCOUNTS = new Set(
  "postgres postgresql mysql mariadb mongo mongodb redis root admin guest rabbitmq elastic minio minioadmin neo4j cassandra sa oracle couchdb activemq artemis user test".split(
    " ",
  ),
);

/**
 * `user:password` in front of the `@` of a URL that only shows where a user and a password would
 * stand, or says the maker's default. Both halves must say so: whoever chose one half meant it.
 */
export function isTemplateUserinfo(userinfo: string): boolean {
  const colon = userinfo.indexOf(":");
  const user = colon < 0 ? userinfo : userinfo.slice(0, colon);
  const anyUser = ANY_USER.test(user) || SHIPPED_ACCOUNTS.has(user.toLowerCase()) || isPlaceWord(user);
  if (colon < 0) return anyUser;
  const password = userinfo.slice(colon + 1);
  if (!anyUser) return false;
  if (ANY_PASSWORD.test(password) || isPlaceWord(password)) return true;
  if (password === user && SHIPPED_ACCOUNTS.has(user)) return true;
  // `user:1111@`, `user:abc@`: fingers on the keyboard.
  return ANY_USER.test(user) && /^(?:(.)\1{0,7}|abcd?|123|1234)$/.test(password);
}
