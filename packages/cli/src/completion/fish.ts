import { flagsWithValue, type OptionWords, type Values, type Words } from "./words.ts";

/** For fish 3: one line a word, each with the place where it fits. */
export function fishCompletion(all: readonly Words[], command: string): string {
  return `function __prunella_asked
  set -l words (commandline -opc)
  set -l data
  if set -l at (contains -i -- --data $words)
    set data --data $words[(math $at + 1)]
  end
  ${command} complete $argv[1] $data 2>/dev/null </dev/null
end
# Where the cursor is, such as "ledger/key 0": the command, and how many words stand behind it.
function __prunella_place
  set -l words (commandline -opc)
  set -l place
  set -l given 0
  set -l skip 0
  for each in $words[2..-1]
    if test $skip = 1
      set skip 0
    else if contains -- $each ${flagsWithValue(all).join(" ")}
      set skip 1
    else if string match -q -- '-*' $each
    else if contains -- (string join / $place $each) ${all
      .filter(({ path }) => path !== "")
      .map(({ path }) => path.replaceAll(" ", "/"))
      .join(" ")}
      set place $place $each
      set given 0
    else
      set given (math $given + 1)
    end
  end
  set -l joined (string join / -- $place)
  echo "$joined $given"
end
function __prunella_in
  string match -q -- "$argv[1] *" (__prunella_place)
end
function __prunella_at
  string match -q -- "$argv[1]" (__prunella_place)
end
complete -c prunella -f
${all.flatMap(linesOf).join("\n")}
`;
}

const quote = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;

function linesOf({ path, commands, options, values, repeats }: Words): string[] {
  const place = path.replaceAll(" ", "/");
  return [
    ...commands.map(
      ({ name, what }) => `complete -c prunella -n "__prunella_at '${place} 0'" -a ${name} -d ${quote(what)}`,
    ),
    ...options.map((option) => optionLine(place, option)),
    ...values.flatMap((value, at) => {
      const nth = repeats && at === values.length - 1 ? `__prunella_in '${place}'` : `__prunella_at '${place} ${at}'`;
      const offered = offer(value);
      return offered === null ? [] : [`complete -c prunella -n "${nth}" ${offered}`];
    }),
  ];
}

function optionLine(place: string, { flags, what, value }: OptionWords): string {
  const names = flags.map((flag) => (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`)).join(" ");
  // With -r files are offered, with -x they are not.
  const offered = value === null ? "" : value.kind === "files" ? " -r" : ` -x ${offer(value) ?? ""}`.trimEnd();
  return `complete -c prunella -n "__prunella_in '${place}'" ${names} -d ${quote(what)}${offered}`;
}

function offer(value: Values): string | null {
  switch (value.kind) {
    case "choices":
      return `-a ${quote(value.of.join(" "))}`;
    case "asked":
      return `-a '(__prunella_asked ${value.list})'`;
    case "files":
      return "-F";
    case "anything":
      return null;
  }
}
