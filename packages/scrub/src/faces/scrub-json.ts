import { plainKey } from "../keys/plain-key.ts";
import { placeholder, placeholderEnd } from "../engine/placeholder.ts";
import { classifyKey, type SecretKey } from "../keys/secret-key.ts";
import { addSought, copiesIn, joinSought, LEAST_SOUGHT, mayHold, soughtOf, type Sought } from "../engine/copies.ts";
import type { Cut } from "../engine/pieces.ts";
import { RANK, type Rule } from "../engine/rule.ts";
import { privateMembers } from "../rules/key-set.ts";
import { KEY_PAIR, opensKey } from "../rules/protocol-login.ts";
import { numberInContext, valueInContext } from "./key-context.ts";
import { isRecord, rename, setOwn } from "./own-keys.ts";
import { wordsInContext } from "./list-context.ts";
import { secretVariables } from "../rules/graphql-variable.ts";
import { cutString } from "./scrub-and-cut.ts";
import { markScrubbed, type Scrubbed } from "./scrubbed.ts";
import { isKeyLine } from "../rules/private-key.ts";
import { DEFAULT_ENGINE, scrubString } from "./scrub-text.ts";
import { applyCuts, type Engine } from "../engine/engine.ts";
import { isLabel, isNoSecret, isRandom } from "../keys/value.ts";

/** rule → how often */
export type RedactionCounts = Record<string, number>;

/** Levels of nesting that are kept. Deeper parts of a report are never read by anyone. */
const MAX_DEPTH = 40;
const TOO_DEEP = "[cut: too deep]";
/** What object keys are counted under when their name alone made the value go. */
const BY_KEY = "secret-key";
/** Copies of such a value are counted like it. */
const BY_KEY_RULE: Rule = { name: BY_KEY, type: "SECRET", rank: RANK.context, keywords: [], find: () => null };
/** Of so many characters a number is a value that is looked for. */
const LEAST_NUMBER = 10 ** (LEAST_SOUGHT - 1);
const VALUES = ["value", "values", "val"];
const KEY_PAIR_NAME = "AWS_ACCESS_KEY";
/** Removing copies may bring more to light. */
const MAX_SPREADS = 4;

/** Any JSON value: text is scrubbed, values under secret-like keys go whole. The result is frozen. */
export function scrubJson(
  value: unknown,
  options: JsonOptions = DEFAULTS,
): { value: Scrubbed<unknown>; redactions: RedactionCounts } {
  const walker = new JsonScrubber(options);
  const safe = walker.everywhere(walker.any(value, 0, null), (again) => walker.any(again, 0, null));
  return { value: markScrubbed<unknown>(safe), redactions: walker.counts };
}

/** What a policy changes: the table of rules, and keys whose values always go (see `plainKey`). */
export type JsonOptions = { readonly engine: Engine; readonly dropKeys: ReadonlySet<string> };

export const DEFAULTS: JsonOptions = { engine: DEFAULT_ENGINE, dropKeys: new Set() };

/** One pass over one value; counts what went. */
export class JsonScrubber {
  readonly #options: JsonOptions;
  readonly #keys: (key: string) => KeyInfo;
  #most: number;
  readonly #sought: Sought[] = [];
  /** What stays, text by text: where copies of what was removed may stand. */
  readonly #texts: string[] = [];
  /** The same, many texts in one. */
  readonly #joined: string[] = [];

  /** `most`: what is longer is cut, after it was scrubbed. */
  constructor(options: JsonOptions = DEFAULTS, most: number = Infinity) {
    this.#options = options;
    this.#keys = keysOf(options);
    this.#most = most;
  }

  readonly counts: RedactionCounts = Object.create(null);
  /** How much was found up to now. */
  total = 0;
  readonly #count = (rule: string): void => {
    this.total += 1;
    this.counts[rule] = (this.counts[rule] ?? 0) + 1;
  };

  readonly #note = (text: string, cuts: readonly Cut[]): void => {
    joinSought(this.#sought, soughtOf(text, cuts));
  };

  text(value: string, most: number = this.#most): string {
    return this.#scrub(value, this.#options.engine, most);
  }

  #scrub(value: string, engine: Engine, most: number = this.#most): string {
    return this.#stays(
      value.length <= most
        ? scrubString(value, this.#count, engine, this.#note)
        : cutString(value, most, this.#count, engine, this.#note),
    );
  }

  /** Shorter texts hold none of the values that are looked for. */
  #stays(text: string): string {
    if (text.length >= LEAST_SOUGHT) this.#texts.push(text);
    return text;
  }

  /** The texts that `scrub` lets stay, as one: who keeps its result hands them back with `addTexts`. */
  textsOf(scrub: () => void): string {
    const from = this.#texts.length;
    scrub();
    return this.#texts.slice(from).join("\n");
  }

  addTexts(texts: string): void {
    this.#joined.push(texts);
  }

  /** The same with names, which are shorter than texts. */
  within<T>(most: number, scrub: () => T): T {
    const before = this.#most;
    this.#most = most;
    const safe = scrub();
    this.#most = before;
    return safe;
  }

  /**
   * What was removed at one place stays at no other: names of keys, other fields, other texts. What that
   * leaves is scrubbed once more, because names and neighbours are others now.
   */
  everywhere<T>(value: T, again: (value: T) => T): T {
    let safe = value;
    this.#seekPairs();
    for (let round = 0; round < MAX_SPREADS && this.#sought.length > 0; round++) {
      // Most values stand at one place alone: looking through all texts at once costs a tenth of looking into each.
      this.#joined.push(this.#texts.join("\n"));
      if (!mayHold(this.#joined, this.#sought)) break;
      this.#texts.length = 0;
      this.#joined.length = 0;
      const before = safe;
      safe = this.#without(safe) as T;
      if (safe === before) break;
      const found = this.total;
      const scrubbed = again(safe);
      if (this.total === found) break;
      safe = scrubbed;
    }
    return safe;
  }

  /** Where the name of a key of AWS stood, a text that is nothing but what opens it goes too, whatever its own name. */
  #seekPairs(): void {
    if (!this.#sought.some(({ type }) => type === KEY_PAIR_NAME)) return;
    for (const text of this.#texts)
      if (text.length === 40 && opensKey(text)) addSought(this.#sought, text, KEY_PAIR, KEY_PAIR.type);
  }

  #without(value: unknown): unknown {
    if (typeof value === "string") return this.#withoutCopies(value);
    if (typeof value === "number" && Math.abs(value) >= LEAST_NUMBER) {
      const copies = copiesIn(String(value), this.#sought);
      return copies === null ? value : placeholder(copies[0]!.type);
    }
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) {
      let items: unknown[] | null = null;
      for (let i = 0; i < value.length; i++) {
        const safe = this.#without(value[i]);
        if (safe !== value[i]) (items ??= [...value])[i] = safe;
      }
      return items === null ? value : Object.freeze(items);
    }
    let copy: Record<string, unknown> | null = null;
    let renamed: Map<string, string> | null = null;
    for (const key of Object.keys(value)) {
      const there = (value as Record<string, unknown>)[key];
      const safe = this.#without(there);
      if (safe !== there) setOwn((copy ??= { ...value }), key, safe);
      const name = this.#withoutCopies(key);
      if (name !== key) (renamed ??= new Map()).set(key, name);
    }
    if (renamed !== null) copy = rename(copy ?? { ...value }, renamed);
    return copy === null ? value : Object.freeze(copy);
  }

  #withoutCopies(value: string): string {
    // Most names and many texts are shorter than any of them.
    if (value.length < LEAST_SOUGHT) return value;
    const copies = copiesIn(value, this.#sought);
    if (copies === null) return value;
    for (const { rule } of copies) this.#count(rule.name);
    return this.text(applyCuts(value, copies), Infinity);
  }

  /**
   * A private key is often spread over list items: the lines of a log or the source around a frame.
   * Call with the items in order; `endLines` when the list is over.
   */
  line(value: string): string {
    if (this.#insideKey) {
      this.#insideKey = !value.includes("-----END") && (KEY_LINE.test(value) || isKeyLine(value));
      if (this.#insideKey || value.includes("-----END")) return this.#keyLine(value);
    }
    const safe = this.text(value);
    if (safe !== value && value.includes("PRIVATE KEY") && !value.includes("-----END")) this.#insideKey = true;
    return safe;
  }

  endLines(): void {
    this.#insideKey = false;
  }

  #insideKey = false;

  /** The list begins inside a private key: its lines say nothing, but the label that closes it does. */
  #keyAbove(list: readonly unknown[], out: unknown[]): void {
    for (let i = 1; i < list.length; i++) {
      const item = list[i];
      if (typeof item !== "string" || !CLOSED.test(item)) continue;
      for (let above = i - 1; above >= 0; above--) {
        const line = out[above];
        if (typeof line !== "string" || !isKeyLine(line) || line.includes("-----")) break;
        out[above] = this.#keyLine(line);
      }
    }
  }

  #keyLine(value: string): string {
    if (value.trim() === "" || placeholderEnd(value, 0, this.#options.engine.types) === value.length) return value;
    this.#count("pem-private-key");
    return placeholder("PRIVATE_KEY");
  }

  nullable(value: string | null, most: number = this.#most): string | null {
    return value === null ? null : this.text(value, most);
  }

  /** A field that says "here stands somebody's address" is believed, whatever network the address is of. */
  address(value: string | null): string | null {
    return value === null ? null : this.#scrub(value, this.#options.engine.strict);
  }

  #valueOf({ key, holds, speaks }: KeyInfo, value: string, parent: KeyInfo | null): string {
    const { engine } = this.#options;
    if (holds === "version" && value.length < 64 && VERSION.test(value)) return this.#stays(value);
    const judge = holds === "address" ? engine.strict : engine;
    const safe = this.#scrub(value, judge);
    if (!speaks && parent?.speaks !== true) return safe;
    const keys = parent === null ? [key] : [parent.key, key];
    return valueInContext(keys, safe, (one) => this.#scrub(one, judge), judge, this.#noteAndCount);
  }

  readonly #noteAndCount = (text: string, cuts: readonly Cut[]): void => {
    for (const { rule } of cuts) this.#count(rule.name);
    this.#note(text, cuts);
  };

  /** `key`: the name this value stands under, null for roots. */
  any(value: unknown, depth: number, key: string | null): unknown {
    return this.#any(value, depth, key === null ? null : this.#keys(key), null);
  }

  /** `key`: null for roots and list elements; `parent`: the one above it. */
  #any(value: unknown, depth: number, key: KeyInfo | null, parent: KeyInfo | null): unknown {
    if (typeof value === "string") return key === null ? this.text(value) : this.#valueOf(key, value, parent);
    if (typeof value === "number" && key !== null && value >= 1e6 && Number.isSafeInteger(value))
      if (key.speaks || parent?.speaks === true) {
        const keys = parent === null ? [key.key] : [parent.key, key.key];
        return numberInContext(keys, value, this.#options.engine, this.#noteAndCount) ?? value;
      }
    if (typeof value === "number" && Math.abs(value) >= LEAST_NUMBER) this.#stays(String(value));
    if (typeof value !== "object" || value === null)
      return typeof value === "function" || typeof value === "symbol" || typeof value === "bigint"
        ? this.#stays(String(value))
        : value;
    if (depth >= MAX_DEPTH) return TOO_DEEP;
    return Array.isArray(value) ? this.#list(value, depth, key) : this.#object(value, depth, key);
  }

  #list(list: readonly unknown[], depth: number, key: KeyInfo | null): readonly unknown[] {
    const first = list[0];
    if (typeof first === "string") {
      // `["authorization", "…"]`, and Node's rawHeaders: name, value, name, value.
      if (list.length === 2 || (list.length % 2 === 0 && key !== null && /headers$/i.test(key.key)))
        return this.#pairs(list, depth);
    }
    const inContext = key?.speaks === true ? key : null;
    const out = list.map((item) =>
      typeof item === "string"
        ? inContext === null
          ? this.line(item)
          : this.#valueOf(inContext, this.line(item), null)
        : this.#any(item, depth + 1, inContext, null),
    );
    this.endLines();
    this.#keyAbove(list, out);
    return Object.freeze(typeof first === "string" ? [...this.#words(out)] : out);
  }

  /** Read as the command that they are; what one rule takes may show the next. */
  #words(list: readonly unknown[]): readonly unknown[] {
    let words = list;
    for (let round = 0; round < MAX_SPREADS; round++) {
      const safe = wordsInContext(words, this.#options.engine, this.#noteAndCount);
      if (safe === words) break;
      words = safe;
    }
    return words;
  }

  #pairs(list: readonly unknown[], depth: number): readonly unknown[] {
    const out: unknown[] = [];
    for (let i = 0; i < list.length; i += 2) {
      const name = list[i];
      const kind = typeof name === "string" ? this.#keys(name).kind : null;
      out.push(this.#any(name, depth + 1, null, null));
      out.push(
        kind === null ? this.#any(list[i + 1], depth + 1, null, null) : this.#secret(list[i + 1], depth + 1, kind),
      );
    }
    return Object.freeze(out);
  }

  #object(object: object, depth: number, parent: KeyInfo | null): object {
    // A spread copies own properties as they are, `__proto__` included, and runs no setter.
    let copy: Record<string, unknown> = { ...object };
    const keys = Object.keys(copy);
    const named = this.#namedSecret(copy);
    const members = privateMembers(copy);
    const variables = typeof copy["query"] === "string" ? secretVariables(copy["query"]) : null;
    const versions = parent !== null && VERSION_LISTS.has(parent.key);
    let renamed: Map<string, string> | null = null;
    for (const key of keys) {
      const value = copy[key];
      let info = this.#keys(key);
      const { kind, plain } = info;
      if (plain) this.#stays(key);
      else {
        const name = this.text(key);
        if (name !== key) {
          (renamed ??= new Map()).set(key, name);
          info = this.#keys(name);
        }
      }
      let safe: unknown;
      if (versions && typeof value === "string" && VERSION.test(value)) safe = this.#stays(value);
      else if (kind !== null)
        safe = typeof value === "number" ? this.#secretNumber(value, kind, key) : this.#secret(value, depth + 1, kind);
      else if (members?.has(key) === true) safe = this.#secret(value, depth + 1, PRIVATE_KEY);
      else if (variables !== null && key === "variables" && isRecord(value))
        safe = this.#variables(value, depth + 1, variables);
      else if (named !== null && VALUES.includes(key)) safe = this.#secret(value, depth + 1, named);
      else safe = this.#any(value, depth + 1, info, parent);
      if (safe !== value) setOwn(copy, key, safe);
    }
    if (renamed !== null) copy = rename(copy, renamed);
    return Object.freeze(copy);
  }

  /** What a query of GraphQL is told: the names of its arguments say which of it is secret. */
  #variables(object: Record<string, unknown>, depth: number, kinds: ReadonlyMap<string, SecretKey>): unknown {
    const copy: Record<string, unknown> = { ...object };
    for (const [name, kind] of kinds)
      if (Object.hasOwn(copy, name)) setOwn(copy, name, this.#secret(copy[name], depth, kind));
    return this.#any(copy, depth, null, null);
  }

  /** `{name: "Authorization", value: "…"}` */
  #namedSecret(object: Record<string, unknown>): SecretKey | null {
    if (!VALUES.some((key) => Object.hasOwn(object, key))) return null;
    for (const naming of ["name", "key", "header"]) {
      const name = Object.hasOwn(object, naming) ? object[naming] : undefined;
      if (typeof name === "string") return this.#keys(name).kind;
    }
    return null;
  }

  /** Every text in here goes; flags and counts stay, but a password may be a number. */
  #secret(value: unknown, depth: number, kind: SecretKey): unknown {
    if (typeof value === "string") return this.#secretText(value, kind);
    if (kind.needsRandom === true) return this.#any(value, depth, null, null);
    if (
      (typeof value === "number" || typeof value === "boolean") &&
      (kind.always === true || (typeof value === "number" && kind.isPassword && Math.abs(value) > 999))
    ) {
      this.#count(BY_KEY);
      return placeholder(kind.type);
    }
    if (typeof value !== "object" || value === null) return this.#any(value, depth, null, null);
    if (depth >= MAX_DEPTH) return TOO_DEEP;
    if (Array.isArray(value)) return Object.freeze(value.map((item) => this.#secret(item, depth + 1, kind)));
    let copy: Record<string, unknown> = { ...value };
    let renamed: Map<string, string> | null = null;
    for (const key of Object.keys(copy)) {
      const safeKey = this.text(key);
      if (safeKey !== key) (renamed ??= new Map()).set(key, safeKey);
      setOwn(copy, key, this.#secret(copy[key], depth + 1, kind));
    }
    if (renamed !== null) copy = rename(copy, renamed);
    return Object.freeze(copy);
  }

  /** A number under such a key: what a reader of the same JSON as text would take goes too. */
  #secretNumber(value: number, kind: SecretKey, key: string): unknown {
    const safe = this.#secret(value, 0, kind);
    if (safe !== value || value < 100 || !Number.isSafeInteger(value)) return safe;
    return numberInContext([key], value, this.#options.engine, this.#noteAndCount) ?? value;
  }

  #secretText(value: string, kind: SecretKey): string {
    if (value === "") return value;
    if (kind.always === true && placeholderEnd(value, 0, this.#options.engine.types) !== value.length) {
      this.#count(BY_KEY);
      return placeholder(kind.type);
    }
    // Judged by its scrubbed text, because that is all a second run sees.
    const found: string[] = [];
    const safe = scrubString(value, (rule) => found.push(rule), this.#options.engine, this.#note);
    const stays = isNoSecret(safe, kind) || isLabel(safe) || (kind.needsRandom === true && !isRandom(safe));
    const isPlaceholder =
      safe.charCodeAt(0) === 91 && placeholderEnd(safe, 0, this.#options.engine.types) === safe.length;
    if (safe === value && (stays || isPlaceholder)) return this.#stays(value);
    if (stays) {
      found.forEach(this.#count);
      return this.#stays(safe);
    }
    this.#count(BY_KEY);
    addSought(this.#sought, value, BY_KEY_RULE, kind.type);
    // A known token says more than the name of its key.
    return isPlaceholder ? safe : placeholder(kind.type);
  }
}

const CLOSED = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY/;
/** What lines of a PEM body look like, quotes and concatenation of source code included. */
const KEY_LINE = /^[\sA-Za-z0-9+/=\\"'`,:;-]{0,400}$/;

/** Maps of package → version: `{"cookie": "0.7.2"}` is neither a cookie nor an address. */
const VERSION_LISTS = new Set(["modules", "packages", "dependencies", "devDependencies", "versions"]);
const VERSION = /^[\^~<>=v]{0,3}\d{1,6}(?:\.\d{1,6}){1,4}(?:[-+][\w.+-]{1,40})?$/;
const VERSION_KEY = /(?:^|[._-])(?:version|release|build|kernel_version|engine\.version)$|Version$/;

/** `ip_address`, `REMOTE_ADDR`, `X-Forwarded-For`, and `clientIp`; not `tip`. */
const ADDRESS_KEY =
  /(?:^|[._-])ip(?:[._-]?addr(?:ess)?)?s?$|remote[._-]?(?:addr(?:ess)?|host)$|^x-forwarded-for$|^forwarded$|^x-real-ip$|^server_name$/i;
const CAMEL_ADDRESS_KEY = /[a-z](?:IP|Ip)(?:Addr(?:ess)?)?$/;

type KeyInfo = {
  readonly key: string;
  readonly kind: SecretKey | null;
  /** Nothing was found in the key itself. */
  readonly plain: boolean;
  /** What its name says of its value. */
  readonly holds: "address" | "version" | null;
  /** Some rule goes by a word in it. */
  readonly speaks: boolean;
};
/** The same few hundred keys come again and again. Only keys without any finding are remembered. */
const MOST_KEYS = 4_096;
const knownBy = new WeakMap<JsonOptions, (key: string) => KeyInfo>();

const PRIVATE_KEY: SecretKey = { type: "PRIVATE_KEY", strong: true, isPassword: false };

const DROPPED: SecretKey = { type: "DROPPED", strong: true, isPassword: true, always: true };

function keysOf(options: JsonOptions): (key: string) => KeyInfo {
  let keys = knownBy.get(options);
  if (keys !== undefined) return keys;
  const known = new Map<string, KeyInfo>();
  keys = (key) => {
    const there = known.get(key);
    if (there !== undefined) return there;
    const info = keyInfo(key, options);
    if (info.plain && key.length <= 64) {
      if (known.size >= MOST_KEYS) known.clear();
      known.set(key, info);
    }
    return info;
  };
  knownBy.set(options, keys);
  return keys;
}

function keyInfo(key: string, options: JsonOptions): KeyInfo {
  let found = false;
  const safe = scrubString(key, () => (found = true), options.engine);
  // Words of placeholders say nothing about the key. The renamed key counts as well as the first
  // one, because it is all that a second run sees.
  const dropped = options.dropKeys.size > 0 && options.dropKeys.has(plainKey(key)) ? DROPPED : null;
  const kind =
    dropped ?? classifyKey(withoutPlaceholders(key)) ?? (found ? classifyKey(withoutPlaceholders(safe)) : null);
  const holds =
    ADDRESS_KEY.test(key) || CAMEL_ADDRESS_KEY.test(key) ? "address" : VERSION_KEY.test(key) ? "version" : null;
  return { key, kind, plain: !found, holds, speaks: key.length <= 64 && options.engine.speaksOf(key) };
}

function withoutPlaceholders(key: string): string {
  return !key.includes("[REDACTED:") ? key : key.replace(/\[REDACTED:[A-Z0-9_]{1,40}\]/g, " ");
}
