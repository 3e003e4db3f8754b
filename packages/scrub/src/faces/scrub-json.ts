import { plainKey } from "../keys/plain-key.ts";
import { placeholder, placeholderEnd } from "../engine/placeholder.ts";
import { classifyKey, type SecretKey } from "../keys/secret-key.ts";
import { markScrubbed, type Scrubbed } from "./scrubbed.ts";
import { isKeyLine } from "../rules/private-key.ts";
import { DEFAULT_ENGINE, scrubString } from "./scrub-text.ts";
import type { Engine } from "../engine/engine.ts";
import { isLabel, isNoSecret, isRandom } from "../keys/value.ts";

/** rule → how often */
export type RedactionCounts = Record<string, number>;

/** Levels of nesting that are kept. Deeper parts of a report are never read by anyone. */
const MAX_DEPTH = 40;
const TOO_DEEP = "[cut: too deep]";
/** What object keys are counted under when their name alone made the value go. */
const BY_KEY = "secret-key";

/** Any JSON value: text is scrubbed, values under secret-like keys go whole. The result is frozen. */
export function scrubJson(
  value: unknown,
  options: JsonOptions = DEFAULTS,
): { value: Scrubbed<unknown>; redactions: RedactionCounts } {
  const walker = new JsonScrubber(options);
  return { value: markScrubbed<unknown>(walker.any(value, 0, null)), redactions: walker.counts };
}

/** What a policy changes: the table of rules, and keys whose values always go (see `plainKey`). */
export type JsonOptions = { readonly engine: Engine; readonly dropKeys: ReadonlySet<string> };

export const DEFAULTS: JsonOptions = { engine: DEFAULT_ENGINE, dropKeys: new Set() };

/** One pass over one value; counts what went. */
export class JsonScrubber {
  readonly #options: JsonOptions;

  constructor(options: JsonOptions = DEFAULTS) {
    this.#options = options;
  }

  readonly counts: RedactionCounts = Object.create(null);
  /** How much was found up to now. */
  total = 0;
  readonly #count = (rule: string): void => {
    this.total += 1;
    this.counts[rule] = (this.counts[rule] ?? 0) + 1;
  };

  text(value: string): string {
    return scrubString(value, this.#count, this.#options.engine);
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

  nullable(value: string | null): string | null {
    return value === null ? null : scrubString(value, this.#count, this.#options.engine);
  }

  /** A field that says "here stands somebody's address" is believed, whatever network the address is of. */
  address(value: string | null): string | null {
    return value === null ? null : scrubString(value, this.#count, this.#options.engine.strict);
  }

  #valueOf(key: string, value: string): string {
    const { engine } = this.#options;
    const { holds } = keyInfo(key, this.#options);
    if (holds === "version" && value.length < 64 && VERSION.test(value)) return value;
    return scrubString(value, this.#count, holds === "address" ? engine.strict : engine);
  }

  /** `key`: the name this value stands under, null for roots and list elements. */
  any(value: unknown, depth: number, key: string | null): unknown {
    if (typeof value === "string") return key === null ? this.text(value) : this.#valueOf(key, value);
    if (typeof value !== "object" || value === null)
      return typeof value === "function" || typeof value === "symbol" || typeof value === "bigint"
        ? String(value)
        : value;
    if (depth >= MAX_DEPTH) return TOO_DEEP;
    return Array.isArray(value) ? this.#list(value, depth, key) : this.#object(value, depth, key);
  }

  #list(list: readonly unknown[], depth: number, key: string | null): readonly unknown[] {
    const first = list[0];
    if (typeof first === "string") {
      // `["authorization", "…"]`, and Node's rawHeaders: name, value, name, value.
      if (list.length === 2 || (list.length % 2 === 0 && key !== null && /headers$/i.test(key)))
        return this.#pairs(list, depth);
    }
    const out = list.map((item) => (typeof item === "string" ? this.line(item) : this.any(item, depth + 1, null)));
    this.endLines();
    this.#keyAbove(list, out);
    return Object.freeze(out);
  }

  #pairs(list: readonly unknown[], depth: number): readonly unknown[] {
    const out: unknown[] = [];
    for (let i = 0; i < list.length; i += 2) {
      const name = list[i];
      const kind = typeof name === "string" ? keyInfo(name, this.#options).kind : null;
      out.push(this.any(name, depth + 1, null));
      out.push(kind === null ? this.any(list[i + 1], depth + 1, null) : this.#secret(list[i + 1], depth + 1, kind));
    }
    return Object.freeze(out);
  }

  #object(object: object, depth: number, parent: string | null): object {
    // A spread copies own properties as they are, `__proto__` included, and runs no setter.
    let copy: Record<string, unknown> = { ...object };
    const keys = Object.keys(copy);
    const named = this.#namedSecret(copy);
    const versions = parent !== null && VERSION_LISTS.has(parent);
    let renamed: Map<string, string> | null = null;
    for (const key of keys) {
      const value = copy[key];
      const { kind, plain } = keyInfo(key, this.#options);
      if (!plain) {
        const safe = this.text(key);
        if (safe !== key) (renamed ??= new Map()).set(key, safe);
      }
      let safe: unknown;
      if (versions && typeof value === "string" && VERSION.test(value)) safe = value;
      else if (kind !== null) safe = this.#secret(value, depth + 1, kind);
      else if (named !== null && (key === "value" || key === "values")) safe = this.#secret(value, depth + 1, named);
      else safe = this.any(value, depth + 1, key);
      if (safe !== value) setOwn(copy, key, safe);
    }
    if (renamed !== null) copy = rename(copy, renamed);
    return Object.freeze(copy);
  }

  /** `{name: "Authorization", value: "…"}` */
  #namedSecret(object: Record<string, unknown>): SecretKey | null {
    if (!Object.hasOwn(object, "value") && !Object.hasOwn(object, "values")) return null;
    for (const naming of ["name", "key", "header"]) {
      const name = Object.hasOwn(object, naming) ? object[naming] : undefined;
      if (typeof name === "string") return keyInfo(name, this.#options).kind;
    }
    return null;
  }

  /** Every text in here goes; flags and counts stay, but a password may be a number. */
  #secret(value: unknown, depth: number, kind: SecretKey): unknown {
    if (typeof value === "string") return this.#secretText(value, kind);
    if (kind.needsRandom === true) return this.any(value, depth, null);
    if (
      (typeof value === "number" || typeof value === "boolean") &&
      (kind.always === true || (typeof value === "number" && kind.isPassword && Math.abs(value) > 999))
    ) {
      this.#count(BY_KEY);
      return placeholder(kind.type);
    }
    if (typeof value !== "object" || value === null) return this.any(value, depth, null);
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

  #secretText(value: string, kind: SecretKey): string {
    if (value === "") return value;
    if (kind.always === true && placeholderEnd(value, 0, this.#options.engine.types) !== value.length) {
      this.#count(BY_KEY);
      return placeholder(kind.type);
    }
    // Judged by its scrubbed text, because that is all a second run sees.
    const found: string[] = [];
    const safe = scrubString(value, (rule) => found.push(rule), this.#options.engine);
    const stays = isNoSecret(safe, kind) || isLabel(safe) || (kind.needsRandom === true && !isRandom(safe));
    const isPlaceholder =
      safe.charCodeAt(0) === 91 && placeholderEnd(safe, 0, this.#options.engine.types) === safe.length;
    if (safe === value && (stays || isPlaceholder)) return value;
    if (stays) {
      found.forEach(this.#count);
      return safe;
    }
    this.#count(BY_KEY);
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
  readonly kind: SecretKey | null;
  /** Nothing was found in the key itself. */
  readonly plain: boolean;
  /** What its name says of its value. */
  readonly holds: "address" | "version" | null;
};
/** The same few hundred keys come again and again. Only keys without any finding are remembered. */
const knownBy = new WeakMap<JsonOptions, Map<string, KeyInfo>>();

const DROPPED: SecretKey = { type: "DROPPED", strong: true, isPassword: true, always: true };

function keyInfo(key: string, options: JsonOptions): KeyInfo {
  let known = knownBy.get(options);
  if (known === undefined) knownBy.set(options, (known = new Map()));
  const there = known.get(key);
  if (there !== undefined) return there;
  let found = false;
  const safe = scrubString(key, () => (found = true), options.engine);
  // Words of placeholders say nothing about the key. The renamed key counts as well as the first
  // one, because it is all that a second run sees.
  const dropped = options.dropKeys.size > 0 && options.dropKeys.has(plainKey(key)) ? DROPPED : null;
  const kind =
    dropped ?? classifyKey(withoutPlaceholders(key)) ?? (found ? classifyKey(withoutPlaceholders(safe)) : null);
  const holds =
    ADDRESS_KEY.test(key) || CAMEL_ADDRESS_KEY.test(key) ? "address" : VERSION_KEY.test(key) ? "version" : null;
  const info: KeyInfo = { kind, plain: !found, holds };
  if (!found && key.length <= 64) {
    if (known.size >= 4096) known.clear();
    known.set(key, info);
  }
  return info;
}

function withoutPlaceholders(key: string): string {
  return !key.includes("[REDACTED:") ? key : key.replace(/\[REDACTED:[A-Z0-9_]{1,40}\]/g, " ");
}

/** Also for `__proto__`: an own property is made, the prototype is never touched. */
function setOwn(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key === "__proto__")
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  else object[key] = value;
}

function rename(object: Record<string, unknown>, names: ReadonlyMap<string, string>): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const key of Object.keys(object)) {
    const wanted = names.get(key) ?? key;
    let name = wanted;
    // Two keys that held two addresses now have one name.
    for (let n = 2; Object.hasOwn(out, name) || (name !== key && Object.hasOwn(object, name)); n++)
      name = `${wanted} (${n})`;
    setOwn(out, name, object[key]);
  }
  return out;
}
