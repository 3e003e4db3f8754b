import type { Scrubbed } from "@prunella/scrub";
import { z } from "zod";

const MAX_LINES = 200;
const MAX_CHARS = 240;

const Line = z.object({ text: z.string() });

/** The last that a plugin said, as people may read it. */
export function createLogTrail(scrubText: (text: string) => { readonly text: Scrubbed<string> }) {
  const kept: string[] = [];
  return {
    add(params: unknown): void {
      const read = Line.safeParse(params);
      if (!read.success) return;
      kept.push(read.data.text.slice(0, MAX_CHARS * 4));
      if (kept.length > MAX_LINES) kept.shift();
    },
    /** Scrubbed when they are asked for: of a flood most lines never are. */
    lines: (): string[] => kept.map((line) => scrubText(line).text.value.slice(0, MAX_CHARS)),
  };
}
