import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { Destination } from "./destination.ts";

/** A line is far shorter. */
const TAIL_BYTES = 4_096;

/**
 * One line a checkpoint, at the end of a file: the form that `prunella ledger verify --checkpoint`
 * reads. A link in its place is not followed. What a crash cut off stays behind on a line of its own.
 */
export function fileDestination(path: string): Destination {
  return {
    name: path,
    async send({ line }) {
      const { O_APPEND, O_CREAT, O_NOFOLLOW, O_RDWR } = constants;
      const file = await open(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW, 0o644);
      try {
        const { size } = await file.stat();
        const from = Math.max(0, size - TAIL_BYTES);
        const tail = Buffer.alloc(size - from);
        await file.read(tail, 0, tail.length, from);
        const text = tail.toString("latin1");
        // After a restart the same one stands there already; only the time of looking differs.
        if (text.trimEnd().split("\n").at(-1)?.split(" ").slice(1).join(" ") === line.split(" ").slice(1).join(" "))
          return;
        await file.write(`${text === "" || text.endsWith("\n") ? "" : "\n"}${line}\n`);
        await file.datasync();
      } finally {
        await file.close();
      }
    },
  };
}
