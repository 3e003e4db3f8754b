import { connect } from "../client.ts";
import type { Common } from "../command-options.ts";
import { print, printJson } from "../print.ts";

/** Its one line is all that standard output gets, so that it can be appended to a file. */
export async function checkpoint(common: Common): Promise<void> {
  const { vkey, note, cosignatures } = await connect(common)("get_checkpoint", {});
  const { formatKept, openCheckpoint, parseVkey } = await import("@prunella/kernel");
  const [bytes, verifier] = [Buffer.from(note), parseVkey(vkey)];
  const time = new Date().toISOString().replace(/\.\d+Z$/, "Z");
  const line = formatKept(bytes, verifier, time);
  if (!common.json) return print(line);
  const { origin, size, root } = openCheckpoint(bytes, verifier);
  printJson({ line, origin, size, root: Buffer.from(root).toString("base64"), vkey, note, cosignatures });
}
