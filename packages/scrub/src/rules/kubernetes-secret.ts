import { isHarmless } from "../keys/value.ts";
import { RANK, type Rule } from "../engine/rule.ts";

const IS_SECRET = /\n[ \t]{0,40}kind:[ \t]{0,20}["']?secret["']?[ \t]{0,40}(?:\r?\n|$)/i;
/** `key: value`, where the value is no template and not empty. */
const ENTRY = /^([ \t]{1,80})["']?[\w.-]{1,120}["']?:[ \t]{0,40}(.{0,400})$/;

/** The values of a manifest of `kind: Secret`, whatever their keys are called: from the first to the last. */
export const KUBERNETES_SECRET: Rule = {
  name: "kubernetes-secret",
  type: "SECRET",
  rank: RANK.context,
  keywords: ["data:", "stringdata:"],
  guard: (text, _start, end) => {
    const next = text.charCodeAt(end);
    return next === 10 || next === 13 || next === 32;
  },
  find(text, start, end, lo, hi) {
    let depth = 0;
    while (depth < 8 && start - depth > lo && /[ \t]/.test(text[start - depth - 1]!)) depth++;
    if (start - depth > 0 && (start - depth === lo || text.charCodeAt(start - depth - 1) !== 10)) return null;
    // A manifest may begin with its kind.
    if (!IS_SECRET.test(lo === 0 ? `\n${text.slice(0, hi)}` : text.slice(lo, hi))) return null;
    let first = -1;
    let last = -1;
    let at = text.indexOf("\n", end);
    if (at < 0 || at >= hi || text.slice(end, at).trim() !== "") return null;
    for (at++; at < hi;) {
      const next = text.indexOf("\n", at);
      const stop = next < 0 || next > hi ? hi : next;
      const line = text.slice(at, stop).replace(/\r$/, "");
      const indent = line.length - line.trimStart().length;
      if (line.trim() !== "" && indent <= depth) break;
      const entry = ENTRY.exec(line);
      const value = (entry === null ? line.trim() : entry[2]!.trim()).replace(/^["']|["']$/g, "");
      const isBlock = /^[|>][+-]?$/.test(value);
      if (
        value !== "" &&
        !value.startsWith("#") &&
        !isBlock &&
        !isHarmless(value) &&
        (entry !== null || first >= 0 || isBase64(value))
      ) {
        const from = at + line.lastIndexOf(value);
        if (first < 0) first = from;
        last = from + value.length;
      }
      at = stop + 1;
    }
    return first < 0 ? null : { start: first, end: last, open: last >= hi };
  },
  tail: (code) => code > 32 && code !== 34 && code !== 39,
  example: () => "apiVersion: v1\nkind: Secret\ndata:\n  extra: " + "YWRtaW46aHVudGVyMg==\n",
};

function isBase64(value: string): boolean {
  return value.length >= 8 && /^[A-Za-z0-9+/]+={0,2}$/.test(value);
}
