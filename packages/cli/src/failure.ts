import { PrunellaError } from "@prunella/contract";
import { environment } from "./environment.ts";
import { plainLines } from "./terminal/text.ts";

/** Tells a person what went wrong on stderr; returns the exit code: 1 can be mended by them, 2 is our defect. */
export function tellFailure(error: unknown): number {
  if (error instanceof PrunellaError) {
    process.stderr.write(`prunella: ${safe(error.message)}\n${error.hint === null ? "" : `${safe(error.hint)}\n`}`);
    if (error.exit === 2) process.stderr.write(report);
    tellStack(error);
    return error.exit;
  }
  process.stderr.write(
    `prunella: Something broke inside Prunella${error instanceof Error ? `: ${safe(error.message)}` : ""}.\n${report}`,
  );
  tellStack(error);
  return 2;
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
