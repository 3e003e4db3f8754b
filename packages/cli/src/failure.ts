import { PrunellaError } from "@prunella/contract";
import type { ServerOptions } from "./address.ts";
import { asStarted } from "./command-line.ts";
import { environment } from "./environment.ts";
import { plainLines } from "./terminal/text.ts";

/**
 * Tells what went wrong on stderr, as JSON when that was asked for; returns the exit code: 1 can be mended
 * by a person, 2 is our defect.
 */
export function tellFailure(error: unknown, options: ServerOptions, isJson = false): number {
  const known = error instanceof PrunellaError ? error : null;
  const exit = known?.exit ?? 2;
  const message =
    known?.message ?? `Something broke inside Prunella${error instanceof Error ? `: ${error.message}` : ""}.`;
  const code = known?.code ?? "PRUNELLA_INTERNAL";
  const hint = known === null || known.hint === null ? null : asStarted(options, known.hint);
  if (isJson) {
    const told = { error: { code, message, hint } };
    process.stderr.write(`${JSON.stringify(told)}\n`);
  } else {
    process.stderr.write(`prunella: ${safe(message)}\n${hint === null ? "" : `${safe(hint)}\n`}`);
    if (exit === 2) process.stderr.write(report);
    process.stderr.write(`(${code})\n`);
  }
  tellStack(error);
  return exit;
}

/** A message may say what a server, a file or a person gave. */
const safe = (text: string): string => plainLines(text).join("\n");

const report =
  "This is a defect of ours: please report it with what you ran. PRUNELLA_DEBUG=1 shows where it happened.\n";

function tellStack(error: unknown): void {
  if (environment.isDebug() && error instanceof Error)
    process.stderr.write(
      `${error.stack ?? ""}\n${error.cause instanceof Error ? `caused by ${error.cause.stack ?? ""}\n` : ""}`,
    );
}
