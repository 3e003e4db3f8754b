import { realpathSync } from "node:fs";
import { PrunellaError } from "@prunella/contract";
import * as client from "../crash-client.ts";
import { environment } from "../environment.ts";
import { plain } from "../terminal/text.ts";
import { situationNow, toTerminal } from "./crash.ts";

/**
 * `eval "$(prunella hook bash)"`: prints the lines that make a script report a non-zero exit. Shows what
 * is sent, once, because this is the moment when a person may be looking.
 */
export function hook(shell: string, options: { readonly app: string }): void {
  if (shell !== "bash")
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: `There is no hook for ${plain(shell)}.`,
      hint: 'There is one for bash: eval "$(prunella hook bash)"',
    });
  const recorded = client.recordedPrograms(environment.everything()).find(({ app }) => app === options.app);
  const program = recorded ?? client.toProgram({ app: options.app });
  if (program === null)
    throw new PrunellaError("PRUNELLA_USAGE", { detail: `${plain(options.app)} is no name of a program.` });
  const isFirst = client.discloseOnce(program, situationNow(false), toTerminal);
  process.stdout.write(bashHook([process.execPath, realpathSync(process.argv[1] ?? "")], options.app, isFirst));
}

/**
 * One trap on EXIT and nothing else, so a script in which nothing fails pays for one comparison. A trap
 * that was there runs afterwards with the same `$?`. The report is made in the background with no
 * descriptor of the script's open, so nothing waits for it. `isFirst`: it was shown just now, so what this
 * script reports waits for the next run.
 */
export function bashHook(command: readonly string[], app: string, isFirst: boolean): string {
  return `__prunella_exit() {
  case $- in *i*) return "$1" ;; esac
  case $1 in 129 | 130 | 141 | 143) return "$1" ;; esac
  local __prunella_arguments=() __prunella_name
  for __prunella_name in "\${FUNCNAME[@]:1}"; do
    case $__prunella_name in main | source) continue ;; esac
    __prunella_arguments+=("--function=$__prunella_name")
  done
  if [ -t 2 ]; then __prunella_arguments+=(--terminal); fi
  # In a session of its own where there is setsid: closing the terminal must not end it.
  ( trap '' HUP; set +eu; set -- ${command.map(quote).join(" ")} crash capture ${isFirst ? "--later " : ""}${quote(`--app=${app}`)} "--exit-code=$1" "--class=ShellExit:$1" "\${__prunella_arguments[@]}"
    if command -v setsid >/dev/null; then set -- setsid "$@"; fi
    "$@" </dev/null >/dev/null 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- & )
  return "$1"
}
__prunella_remember() { __prunella_before=\${3-}; }
eval "__prunella_remember $(trap -p EXIT)"
trap '__prunella_status=$?
if [ "$__prunella_status" -eq 0 ]; then eval "$__prunella_before"
else __prunella_exit "$__prunella_status" || eval "$__prunella_before"; fi' EXIT
`;
}

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
