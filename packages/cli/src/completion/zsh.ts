import { flagsWithValue, type OptionWords, type Values, type Words } from "./words.ts";

/** For zsh 5: words with what they mean, in a file of `fpath` as well as behind `eval`. */
export function zshCompletion(all: readonly Words[], command: string): string {
  return `#compdef prunella
_prunella_asked() {
  local -a data found
  local at
  for ((at = 2; at < CURRENT; at++)); do
    if [[ \${words[at]} == --data ]]; then data=(--data "\${words[at + 1]}"); fi
  done
  found=("\${(@f)$(${command} complete "$1" "\${data[@]}" 2>/dev/null </dev/null)}")
  found=("\${(@)found//:/\\\\:}")
  found=("\${(@)found/$'\\t'/:}")
  if [[ -n "\${found[1]}" ]]; then _describe -V value found; fi
}
_prunella() {
  local place='' given=0 at each
  local -a choices
  for ((at = 2; at < CURRENT; at++)); do
    each=\${words[at]}
    case $each in
      --) _files; return ;;
      ${flagsWithValue(all).join("|")}) at=$((at + 1)) ;;
      -*) ;;
      *) case "$place/$each" in
        ${all
          .filter(({ path }) => path !== "")
          .map(({ path }) => `'${slashed(path)}'`)
          .join("|")}) place="$place/$each"; given=0 ;;
        *) given=$((given + 1)) ;;
      esac ;;
    esac
  done
  case "$place,\${words[CURRENT - 1]}" in
${all.flatMap(optionCases).join("\n")}
  esac
  if [[ \${words[CURRENT]} == -* ]]; then
    case $place in
${all.map(({ path, options }) => `      '${slashed(path)}') choices=(${options.flatMap(described).join(" ")}) ;;`).join("\n")}
    esac
    _describe -o option choices
    return
  fi
  case "$place,$given" in
${all.flatMap(argumentCases).join("\n")}
  esac
}
compdef _prunella prunella 2>/dev/null
if [[ \${funcstack[1]} == _prunella ]]; then _prunella "$@"; fi
`;
}

/** \`ledger key\` as one word; the program itself is empty. */
const slashed = (path: string): string => (path === "" ? "" : `/${path.replaceAll(" ", "/")}`);

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
const pair = (word: string, what: string): string => quote(`${word.replaceAll(":", "\\:")}:${what}`);
const described = ({ flags, what }: OptionWords): string[] => flags.map((flag) => pair(flag, what));

const optionCases = ({ path, options }: Words): string[] =>
  options.flatMap(({ flags, value }) =>
    value === null ? [] : flags.map((flag) => `    '${slashed(path)},${flag}') ${offer(value)}; return ;;`),
  );

function argumentCases({ path, commands, values, repeats }: Words): string[] {
  const place = slashed(path);
  const own =
    commands.length === 0
      ? []
      : [
          `    '${place},0') choices=(${commands.map(({ name, what }) => pair(name, what)).join(" ")}); _describe command choices ;;`,
        ];
  return [
    ...own,
    ...values.map((value, at) => {
      const nth = repeats && at === values.length - 1 ? `'${place},'*` : `'${place},${at}'`;
      return `    ${nth}) ${offer(value)} ;;`;
    }),
  ];
}

function offer(value: Values): string {
  switch (value.kind) {
    case "choices":
      return `choices=(${value.of.map(quote).join(" ")}); _describe value choices`;
    case "asked":
      return `_prunella_asked ${value.list}`;
    case "files":
      return "_files";
    case "anything":
      return ":";
  }
}
