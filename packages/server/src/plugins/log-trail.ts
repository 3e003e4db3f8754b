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
      kept.push(beginningOf(read.data.text));
      if (kept.length > MAX_LINES) kept.shift();
    },
    /** Scrubbed when they are asked for: of a flood most lines never are. */
    lines: (): string[] => kept.map((line) => scrubText(line).text.value.slice(0, MAX_CHARS)),
  };
}

/** More than is shown, and no half of a word at its end: what is left of a secret would look like none. */
const beginningOf = (text: string): string =>
  text.length <= MAX_CHARS * 4 ? text : text.slice(0, MAX_CHARS * 4).replace(/\S+$/, "");
