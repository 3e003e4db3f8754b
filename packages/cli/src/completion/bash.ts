import { flagsWithValue, type Values, type Words } from "./words.ts";

/**
 * Finds the command by its words, then offers what fits. Needs nothing but bash itself, 3.2 or later:
 * no package of completions, no associative array.
 */
export function bashCompletion(all: readonly Words[], command: string): string {
  return `_prunella_asked() {
  local data=() at
  for ((at = 1; at < COMP_CWORD; at++)); do
    if [[ \${COMP_WORDS[at]} == --data ]]; then data=(--data "\${COMP_WORDS[at + 1]}"); fi
  done
  ${command} complete "$1" "\${data[@]}" 2>/dev/null </dev/null | cut -f1
}
_prunella() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} path='' given=0 at each
  for ((at = 1; at < COMP_CWORD; at++)); do
    each=\${COMP_WORDS[at]}
    case $each in
      --) COMPREPLY=($(compgen -f -- "$word")); return ;;
      ${flagsWithValue(all).join("|")}) at=$((at + 1)) ;;
      -*) ;;
      *) case " $path $each " in
        ${all
          .filter(({ path }) => path !== "")
          .map(({ path }) => `'${path.includes(" ") ? "" : " "} ${path} '`)
          .join("|")}) path="\${path:+$path }$each"; given=0 ;;
        *) given=$((given + 1)) ;;
      esac ;;
    esac
  done
  local values='' files=''
  case "$path,$before" in
${all.flatMap(optionCases).join("\n")}
    *) case $path,$given in
${all.flatMap(argumentCases).join("\n")}
      esac
      if [[ $word == -* || ( -z $values && -z $files ) ]]; then case $path in
${all.map(({ path, options }) => `        '${path}') values='${options.flatMap(({ flags }) => flags).join(" ")}' files='' ;;`).join("\n")}
      esac; fi ;;
  esac
  if [[ -n $files ]]; then
    # Bash 3 has no compopt: there a folder is completed without its slash.
    compopt -o filenames 2>/dev/null
    COMPREPLY=($(compgen -f -- "$word"))
  else COMPREPLY=($(compgen -W "$values" -- "$word")); fi
}
complete -F _prunella prunella
`;
}

const optionCases = ({ path, options }: Words): string[] =>
  options.flatMap(({ flags, value }) =>
    value === null ? [] : flags.map((flag) => `    '${path},${flag}') ${offer(value)} ;;`),
  );

function argumentCases({ path, commands, values, repeats }: Words): string[] {
  const own =
    commands.length === 0 ? [] : [`      '${path},0') values='${commands.map(({ name }) => name).join(" ")}' ;;`];
  const ends = values.map((value, at) => {
    const place = repeats && at === values.length - 1 ? `'${path},'*` : `'${path},${at}'`;
    return `      ${place}) ${offer(value)} ;;`;
  });
  return [...own, ...ends];
}

function offer(value: Values): string {
  switch (value.kind) {
    case "choices":
      return `values='${value.of.join(" ")}'`;
    case "asked":
      return `values=$(_prunella_asked ${value.list})`;
    case "files":
      return "files=1";
    case "anything":
      return "values=''";
  }
}
