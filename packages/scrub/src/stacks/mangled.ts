/**
 * Names as the linker knows them, for the many that no symbolizer turned back: `_ZN2ui5Curve4moveEi` is
 * `ui::Curve::move`, Rust's `_ZN3app3run17h0123456789abcdefE` is `app::run`. Names with template
 * arguments or substitutions stay as they are. One pass.
 */
export function demangled(name: string): string {
  if (name.startsWith("_Z") || name.startsWith("__Z")) return readNested(name.slice(name.indexOf("Z") + 1)) ?? name;
  return name.includes("$") ? rustPath(name) : name;
}

function readNested(mangled: string): string | null {
  const nested = /^N[rVK]{0,3}[RO]?/.exec(mangled);
  let at = nested?.[0].length ?? 0;
  const parts: string[] = [];
  while (parts.length < 24) {
    const length = /^[1-9]\d{0,2}/.exec(mangled.slice(at, at + 3))?.[0];
    if (length === undefined) break;
    at += length.length;
    const part = mangled.slice(at, at + Number(length));
    if (part.length < Number(length)) return null;
    at += part.length;
    parts.push(part.startsWith("_GLOBAL__N") ? "(anonymous namespace)" : part);
    if (nested === null) break;
  }
  const last = parts.at(-1);
  if (last === undefined || mangled[at] === "I" || mangled[at] === "B") return null;
  if (nested === null) return last;
  const special = /^(?:C[1-5]|D[0-5])/.exec(mangled.slice(at, at + 2))?.[0];
  if (special !== undefined) {
    parts.push(special.startsWith("C") ? last : `~${last}`);
    at += 2;
  }
  if (mangled[at] !== "E") return null;
  return rustPath(parts.join("::"));
}

const ESCAPES: Readonly<Record<string, string>> = {
  LT: "<",
  GT: ">",
  RF: "&",
  BP: "*",
  C: ",",
  LP: "(",
  RP: ")",
  SP: "@",
};

/** Rust's own escapes inside a name, and the hash at its end. */
function rustPath(path: string): string {
  const plain = path.replace(/::h[0-9a-f]{16}$/, "");
  if (!/\$(?:LT|GT|RF|BP|C|LP|RP|SP|u[0-9a-f]{2,5})\$/.test(plain)) return plain;
  return plain
    .replace(/^_(?=\$)|(?<=::)_(?=\$)/g, "")
    .replace(/\$(LT|GT|RF|BP|C|LP|RP|SP|u[0-9a-f]{2,5})\$/g, (all, escape: string) => {
      if (ESCAPES[escape] !== undefined) return ESCAPES[escape];
      const code = Number.parseInt(escape.slice(1), 16);
      return code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : all;
    })
    .replace(/\.\./g, "::");
}
