import type { Command, Help } from "commander";

/** A description needs this much beside its term; where there is less it goes below. */
const LEAST = 28;
const INDENT = 2;

/** Help that fits a narrow terminal: what does not fit beside a term stands below it. */
export const narrowHelp = {
  minWidthToWrap: 20,
  /** Every command has options: to say so at each tells nothing. */
  subcommandTerm: (command: Command): string =>
    [
      command.name(),
      ...command.registeredArguments.map((each) => {
        const name = each.variadic ? `${each.name()}...` : each.name();
        return each.required ? `<${name}>` : `[${name}]`;
      }),
    ].join(" "),
  formatItem(this: Help, term: string, termWidth: number, description: string): string {
    const width = this.helpWidth ?? 80;
    const beside = width - termWidth - 2 * INDENT;
    const own = " ".repeat(INDENT) + term;
    if (description === "") return own;
    if (beside >= LEAST) {
      const pad = " ".repeat(Math.max(0, termWidth - this.displayWidth(term)));
      const lines = this.boxWrap(description, beside).split("\n");
      return `${own}${pad}${" ".repeat(INDENT)}${lines.join(`\n${" ".repeat(termWidth + 2 * INDENT)}`)}`;
    }
    const indent = " ".repeat(3 * INDENT);
    const lines = this.boxWrap(description, width - indent.length).split("\n");
    return `${own}\n${lines.map((line) => indent + line).join("\n")}`;
  },
};
