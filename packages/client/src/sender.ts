import { sendPending } from "./outbox.ts";
import { type Options, toProgram } from "./program.ts";
import { parseObject } from "./files.ts";

/**
 * A process of its own that sends what is pending and ends, so that the program that crashed can end
 * at once. Its argument is the program; it has no terminal, but was only started by one that had.
 */
async function main(): Promise<void> {
  const given = parseObject(process.argv[2] ?? "");
  if (given === null) return;
  const program = toProgram(optionsFrom(given));
  if (program === null) return;
  await sendPending(program, { env: process.env, terminal: true, asked: false }, Date.now());
}

function optionsFrom(given: Readonly<Record<string, unknown>>): Options {
  const text = (name: string) => (typeof given[name] === "string" ? { [name]: given[name] } : {});
  return {
    app: "",
    ...text("app"),
    ...text("endpoint"),
    ...text("home"),
    mode: given["mode"] === "auto" ? "auto" : "ask",
    airGap: given["airGap"] !== false,
  };
}

// Nobody hears of it when it fails: the reports are still there, and the next run tries again.
main().catch(() => {});
