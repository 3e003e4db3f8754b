/** Longer names are cut; nothing a person wrote is. */
const MAX_NAME = 300;

/**
 * A function's name without what compilers, runtimes and proxies add, so that it stays the same from
 * build to build: `async Object.foo [as bar]`, `lambda$foo$3`, `foo::h0123…`, `<Foo>d__3.MoveNext`.
 * `?` when nothing of a name is left. Every pattern is bounded.
 */
export function cleanFunction(name: string): string {
  let short = name.length > MAX_NAME ? name.slice(0, MAX_NAME) : name;
  // Most names are plain words with dots.
  if (/^[A-Za-z_][A-Za-z_.]*$/.test(short) && !GENERATED.test(short)) return short.replace(RECEIVER, "");
  short = short
    .replace(/\s+/g, " ")
    .replace(/`anonymous[ -]namespace(?:'|(?=::))/g, UNNAMED)
    .replace(/^decltype ?\(auto\) /, "")
    // Ruby: what stands in the body of a class.
    .replace(/^(?:(?:block|rescue|ensure)(?: \(\d{1,3} levels\))? in ){0,6}<(?:class|module):([\w:]{1,120})>$/, "$1.?")
    .trim();
  if (
    /^[A-Za-z~_(<][^]*[(<]/.test(short) &&
    /[:\w~>\])]\(|[<>]/.test(short) &&
    !/^(?!\(anonymous namespace)[<{([]|<(?:anonymous|lambda|locals|listcomp|dictcomp|setcomp|genexpr|module|fn|main)/.test(
      short,
    )
  )
    short = withoutArguments(short);
  short = short
    .replace(
      /^(?:(?:async|new|bound|get|set|static|specialized|generic specialization <.{0,80}> of|@objc|virtual|thunk for) )+/,
      "",
    )
    .replace(/ \[(?:as [^\]]{0,200}|clone [^\]]{0,60}|inlined)\]/g, "")
    .replace(RECEIVER, "")
    .replace(/(?:\.(?:isra|constprop|part|cold|llvm|lto_priv|localalias)(?:\.\d{1,20})?){1,4}$/, "")
    .replace(/@{1,2}(?:plt|GLIBC\w{0,8}[\d.]{0,10}|Base)$|(?:\+0x[0-9a-f]{1,16})(?:\/0x[0-9a-f]{1,16})?$/, "")
    .replace(/(?<=\w)\[[0-9a-f]{10,16}\](?=::|>)/g, "")
    // Elixir counts arguments.
    .replace(/(?<=^[A-Z][\w.]{0,200}\.[\w?!]{1,100})\/\d{1,3}$/, "")
    .replace(/::h[0-9a-f]{16}$|\[abi:\w{1,20}\]$|\[\.\.\.\]/g, "")
    // Rust, Go, Kotlin, Java, Scala, C#, Dart, PHP, Ruby, Elixir, Swift: code without a name inside a named function.
    .replace(/(?:::\{\{?closure\}?(?:[#:][^}]{0,300})?\}\}?|::\{async_(?:fn|block)_env#\d{1,6}\})+/g, ".?")
    .replace(/(?:[.·](?:func|gowrap|dwrap·|deferwrap)\d{1,6}(?:[.-]\d{1,6}|-range\d{1,4})*)+$/, ".?")
    .replace(
      /^lambda\$(.{1,200}?)\$\d{1,6}$|^\$anonfun\$(.{1,200}?)\$\d{1,6}(?:\$adapted)?$|^(.{1,200}?)\$lambda[$-]\d{1,6}(?:\$\d{1,6})*$/,
      (_all, a, b, c) => `${a ?? b ?? c}.?`,
    )
    .replace(/^(.{1,200}?)(?:-[A-Za-z0-9_-]{7}|\$suspendImpl|\$default)$/, (all, kept: string) =>
      /-(?=.{0,7}[A-Z\d_]).{7}$|\$/.test(all) ? kept : all,
    )
    .replace(
      /^(?:.{0,200}\.)?<([^<>]{1,120})>d__\d{1,6}(?:`\d)?\.MoveNext$|^<([^<>]{1,120})>d__\d{1,6}$/,
      (_all, a, b) => a ?? b,
    )
    .replace(/<([^<>]{1,120})>[bg]__(?:[\w|]{1,60})$/, "$1.?")
    .replace(/\.?<(?:anonymous closure|fn)>$|@\d{6,12}(?=\.|$)/g, (all) => (all.startsWith("@") ? "" : ".?"))
    .replace(/\{closure(?::[^}]{0,300})?\}(?:\(\))?/g, "?")
    .replace(/^(?:(?:block|rescue|ensure|synchronize)(?: \(\d{1,3} levels\))? in ){1,6}/, "")
    // Rails compiles a template to a method that carries two numbers of this process.
    .replace(/(?<=_(?:erb|haml|slim|builder|jbuilder))_{2,3}\d{1,20}_\d{1,20}$/, "")
    .replace(
      /^anonymous fn\/\d{1,3} in (.{1,200}?)(?:\/\d{1,3})?$|^['-]{1,2}(.{1,160}?)\/\d{1,3}-(?:fun|lc|bc)[$^]?-\d{1,4}[$^-]*.{0,10}$/,
      (_all, a, b) => `${a ?? b}.?`,
    )
    .replace(/^(?:closure #\d{1,3} in ){1,4}(.{1,200})$/, "$1.?")
    .replace(/\b0x[0-9a-fA-F]{2,16}\b/g, "")
    // Firefox: `outer/inner/<` is code without a name inside `inner`, itself made in `outer`.
    .replace(/^(?:[^\s/]{0,100}\/){0,6}([^\s/<]{1,100})(?:\/?<){1,4}$/, "$1.?")
    // Bundlers and minifiers number equal names: `foo$1`, `foo$$2`.
    .replace(/\$+\d{1,4}$/, "")
    .replace(/(?:\.\?){2,}/g, ".?");
  if (short === "" || NAMELESS.test(short)) {
    const scope =
      /^(.+?)\.(?:<locals>\.)?(?:<(?:lambda|listcomp|dictcomp|setcomp|genexpr|anonymous)>|\(anonymous function\))$/.exec(
        short,
      );
    return scope === null ? "?" : `${scope[1]!}.?`;
  }
  return short.replace(/\.<locals>(?=\.)/g, "");
}

const RECEIVER =
  /^(?:(?:Object|Module|Function|exports|module\.exports|null|undefined|global|globalThis|Window|window)\.)+/;
const GENERATED = /^(?:anonymous|Anonymous function|global code|module code|eval code|eval)$|\.anonymous$/;
const NAMELESS =
  /^\?$|(?:^|\.)(?:<anonymous>|\(anonymous(?: function)?\)|anonymous|Anonymous function|<computed>|<lambda>|<listcomp>|<dictcomp>|<setcomp>|<genexpr>|(?:\w+::){0,9}__ANON__|[Gg]lobal code|module code|eval code|eval|\(null\)|main chunk|<main>|<top \(required\)>|<unknown>|\{main\})$/;

const OPERATOR =
  /^operator(?:\(\)|\[\]|<=>|<<=?|>>=?|->\*?|&&|\|\||\+\+|--|[-+*/%^&|~!=<>]=?|,| (?:new|delete)(?:\[\])?| [\w:]{1,60})?/;

const UNNAMED = "(anonymous namespace)";

/** `void ns::f<int>(char const*) const` is `ns::f`; `operator()` and `operator<` keep their sign. */
function withoutArguments(name: string): string {
  const operator = name.search(/\boperator\b/);
  const sign = operator < 0 ? 0 : OPERATOR.exec(name.slice(operator, operator + 80))![0].length;
  let out = "";
  let depth = 0;
  for (let i = 0; i < name.length; i++) {
    const char = name[i]!;
    const inOperator = operator >= 0 && i >= operator && i < operator + sign;
    if (inOperator) out += depth === 0 ? char : "";
    else if (char === "<" || char === "(") {
      // `(anonymous namespace)::f` and Go's `main.(*T).m` start no argument list.
      if (
        depth === 0 &&
        char === "(" &&
        /^\((?:anonymous namespace|\*?[\w.]{1,120})\)[.:]/.test(name.slice(i, i + 130))
      ) {
        const close = name.indexOf(")", i);
        out += name.slice(i, close + 1);
        i = close;
      } else if (depth === 0 && char === "(") break;
      else depth++;
    } else if (char === ">" || char === ")") {
      if (char === ">" && name[i - 1] === "-") out += depth === 0 ? char : "";
      else depth = Math.max(0, depth - 1);
    } else if (depth === 0) out += char;
  }
  out = out
    .replace(/::(?=::)/g, "")
    .trim()
    .replace(/ const$/, "");
  // What stands before the last blank is the type it returns.
  const blank = out
    .replaceAll(UNNAMED, UNNAMED.replace(" ", "_"))
    .lastIndexOf(" ", operator >= 0 ? out.indexOf("operator") - 1 : out.length);
  return blank > 0 &&
    !out.startsWith("(anonymous") &&
    !/ in |^(?:async|new|bound|get|set|block|closure|anonymous) /.test(out)
    ? out.slice(blank + 1)
    : out;
}

/** A class without proxies' and enhancers' marks and the numbers of its anonymous kin. */
export function cleanClass(name: string): string {
  if (!name.includes("$") && !name.includes("`") && !name.includes("<") && !name.includes("+"))
    return name.slice(0, MAX_NAME);
  return name
    .slice(0, MAX_NAME)
    .replace(
      /\$\$(?:Enhancer|FastClass|KeyFactory|Lambda|Generated|SpringCGLIB|EnhancedBy)\w{0,40}(?:\$\$?[0-9a-fx/]{0,40})*.*$/,
      "",
    )
    .replace(/\$(?:MockitoMock|HibernateProxy|ByteBuddy|Proxy|JaxbAccessor\w?|auxiliary)\$?\w{0,60}.*$/, "")
    .replace(/_\$\$_(?:jvst|javassist|Weld)\w{0,40}.*$/, "")
    .replace(/\$\$?\d{1,6}(?=\$|$)/g, "$?")
    .replace(/(?:\$\?){2,}/g, "$?")
    .replace(/[.+]?<>c(?:__DisplayClass\d{1,6}_\d{1,6})?/g, "")
    .replace(/[.+]?<([^<>]{1,120})>d__\d{1,6}/g, ".$1")
    .replace(/`\d{1,2}(?:\[[^\]]{0,200}\])?/g, "");
}

/** The last part of a path, without query, build hash or version; empty when it names no source. */
export function cleanFile(filename: string): string {
  let file = filename.length > 600 ? filename.slice(-600) : filename;
  if (/^blob:|^(?:<.{0,60}>|\[.{0,60}\]|eval code|native)$/.test(file)) return "";
  const cut = file.search(/[?#]/);
  if (cut >= 0) file = file.slice(0, cut);
  file = file.slice(Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\")) + 1);
  if (/^[A-Za-z_]{1,60}\.[A-Za-z]{1,5}$/.test(file)) return file;
  // `main.3f2a9c1b.js`, `chunk-8FA2K1QZ.mjs`, `index-BqT4x9_k.js`: a hash has a digit; a word may not.
  return file
    .replace(
      /[.\-_~](?=[A-Za-z_]{0,39}\d)(?:[0-9a-f]{6,40}|[A-Z0-9]{8,10}|(?=[a-z0-9_]{0,12}[A-Z])[A-Za-z0-9_]{8,12}|[A-Za-z0-9]{20,40})(?=\.[A-Za-z]{1,5}(?:\.[A-Za-z]{1,5})?$)/,
      "",
    )
    .replace(/^[0-9a-f]{16,64}(?=\.[a-z]{1,4}$)/, "?")
    .replace(/[-_.@]v?\d{1,6}(?:\.\d{1,6}){1,3}(?=\.[A-Za-z]{1,6}$)/, "")
    .replace(/(\.so|\.dylib)(?:\.\d{1,6}){1,4}$/, "$1")
    .slice(0, 200);
}
