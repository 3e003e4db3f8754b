/** A mask, a template or words that only say what should stand there; for secrets and for user names alike. */
export function isPlaceWord(value: string): boolean {
  if (value.length > 128) return false;
  if (/^[*x•●.#_?-]{1,128}$/i.test(value) || (TEMPLATE_MARK.test(value) && TEMPLATE.test(value))) return true;
  return (value.length <= 64 && PLACE_WORDS.test(value)) || isDummy(value);
}

/** Words a value may be made of when it only says what should stand there. */
const PLACE_WORDS =
  /^(?:(?:your|my|the|a|an|some|insert|enter|put|add|type|replace|change|set|use|example|sample|dummy|fake|placeholder|here|me|with|this|it|tbd|todo|fixme|goes|new|old|current|actual|real|valid|value|password|passwd|passphrase|pass|pwd|secret|secrets|token|tokens|key|keys|api|apikey|auth|access|client|user|username|account|credential|credentials|private|string|bearer|jwt|db|database|generated|provided|random|long|to|be|changeme|replaceme|none|null|redacted|removed|hidden|masked|foo|bar|baz|qux|foobar|x{2,})(?:[\s_.-]{1,3}|\d{0,2}$)){1,8}$/i;

const TEMPLATE =
  /^(?:\$\{[^}]{0,80}\}|\$\{\{[^}]{0,80}\}\}|\$\([^)]{0,80}\)|\$[A-Za-z_]\w{0,60}|\$\d{1,2}|%[A-Za-z_]\w{1,40}%|\{\{[^}]{0,80}\}\}|\{[\w.:! ]{0,40}\}|#\{[^}]{0,80}\}|@\{[^}]{0,80}\}|@[A-Za-z_]\w{0,30}@|%\(\w{1,40}\)[sd]|%[sdrqv@]|<%.{0,60}%>|<[^<>]{0,60}>|&lt;[^<>&]{0,60}&gt;|\[[\w .-]{0,40}\]|__[A-Z][A-Z0-9_]{1,40}__|:[a-z_]\w{0,40}|\?)$/;

const TEMPLATE_MARK = /^[$%{#@<&[_:?]/;

/** The part of a token that is not its prefix says only what should stand there: `sk_test_your_key_here`. */
export function isPlaceBody(body: string): boolean {
  return (
    body.length <= 64 &&
    /[^xX]/.test(body) &&
    (PLACE_WORDS.test(body) || (/^[A-Za-z_.-]+$/.test(body) && MADE_UP.test(body)))
  );
}

/** Letters that spell out that they are made up, and nothing else. */
const MADE_UP =
  /fake|dummy|example|sample|placeholder|change[-_. ]?(?:me|it|this)|replace[-_. ]?(?:me|this)|redacted|not[-_. ]?(?:a[-_. ]?)?real/i;

/**
 * What people write so that nobody takes it for real. Each of these is as good as impossible in a
 * value that was made by chance: half of it one run of `x`, letters alone that say "fake", or
 * `EXAMPLE` in capitals, as AWS marks every key of its documentation.
 */
function isDummy(value: string): boolean {
  const mask = /x{5,}|X{5,}|[*]{4,}|•{3,}/.exec(value);
  if (mask !== null && mask[0].length * 2 >= value.length) return true;
  if (mask !== null && value.replaceAll(/[*•]/g, "").length * 3 <= value.length) return true;
  if (value.length <= 64 && /^[A-Za-z _.<>-]+$/.test(value) && MADE_UP.test(value)) return true;
  return value.length >= 16 && value.includes("EXAMPLE");
}
