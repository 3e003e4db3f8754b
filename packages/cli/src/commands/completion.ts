import type { Command } from "commander";
import { PrunellaError } from "@prunella/contract";
import { ownCommand } from "../command-line.ts";
import { bashCompletion } from "../completion/bash.ts";
import { fishCompletion } from "../completion/fish.ts";
import { wordsOf, type Words } from "../completion/words.ts";
import { zshCompletion } from "../completion/zsh.ts";
import { nearest } from "@prunella/contract/nearest";
import { plain } from "../terminal/text.ts";

const SHELLS: Readonly<Record<string, (words: readonly Words[], command: string) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** The tree as it is, written down; only values that a server knows are asked for while somebody types. */
export function completion(program: Command, shell: string): void {
  const make = SHELLS[shell];
  if (make === undefined) {
    const meant = nearest(shell, Object.keys(SHELLS));
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: `There is no completion for ${plain(shell)}.`,
      hint:
        meant === null
          ? "There is one for bash, zsh and fish: prunella completion bash"
          : `Did you mean \`prunella completion ${meant}\`?`,
    });
  }
  process.stdout.write(make(wordsOf(program), ownCommand()));
}
