import { PrunellaError } from "@prunella/contract";
import { environment } from "./environment.ts";

/** Tells a person what went wrong on stderr; returns the exit code: 1 can be mended by them, 2 is our defect. */
export function tellFailure(error: unknown): number {
  if (error instanceof PrunellaError) {
    process.stderr.write(`prunella: ${error.message}\n${error.hint === null ? "" : `${error.hint}\n`}`);
    if (error.exit === 2) process.stderr.write(report);
    tellStack(error);
    return error.exit;
  }
  process.stderr.write(
    `prunella: Something broke inside Prunella${error instanceof Error ? `: ${error.message}` : ""}.\n${report}`,
  );
  tellStack(error);
  return 2;
}

const report =
  "This is a defect of ours: please report it with what you ran. PRUNELLA_DEBUG=1 shows where it happened.\n";

function tellStack(error: unknown): void {
  if (environment.isDebug() && error instanceof Error)
    process.stderr.write(
      `${error.stack ?? ""}\n${error.cause instanceof Error ? `caused by ${error.cause.stack ?? ""}\n` : ""}`,
    );
}
