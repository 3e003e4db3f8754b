import { environment } from "../environment.ts";

const isColoured = process.stdout.isTTY === true && !environment.isPlain();
const colour = (code: number) => (text: string) => (isColoured ? `\u001b[${code}m${text}\u001b[0m` : text);

export const bold = colour(1);
export const dim = colour(2);
export const red = colour(31);
export const green = colour(32);
export const yellow = colour(33);
export const cyan = colour(36);

/**
 * What a terminal obeys, or what nobody sees: control characters, breaks of lines, whatever turns the
 * direction of writing around, fillers, tags, marks. Joiners and the two common variation selectors stay:
 * Persian, Indic scripts and emoji are written with them.
 */
export const UNSEEN =
  /[[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\u{fff9}-\u{fffb}]--[\u{200c}-\u{200d}]--[\u{fe0e}-\u{fe0f}]]/v;
const RUNS = new RegExp(`${UNSEEN.source}+`, "gv");

/** Text that others wrote, made safe for a terminal. */
export function plain(text: string): string {
  return text.replace(RUNS, " ").trim();
}

export function clip(text: string, limit: number): string {
  const points = [...text];
  return points.length <= limit ? text : `${points.slice(0, limit - 1).join("")}…`;
}

/** Like {@link plain}, for several lines, which keep the spaces and tabs that they begin with. */
export const plainLines = (text: string): string[] =>
  text.split(/\r?\n/).map((line) => {
    const spaced = line.replaceAll("\t", "  ");
    const rest = plain(spaced);
    return rest === "" ? "" : `${/^ */.exec(spaced)?.[0] ?? ""}${rest}`;
  });
