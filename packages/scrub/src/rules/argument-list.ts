/** What joins two elements of a list of texts, on one line or on two. */
const JOINT = /^(["']),\s{0,60}\1/;

type Line = { readonly line: string; readonly places: readonly number[] };

/**
 * `mysql","-u","bob","-p…"]`: a list of arguments, as processes and containers are described, read like the line
 * that it was. `places`: where each of its characters stands behind `end`. Null where no list goes on.
 */
export function argumentsBehind(text: string, end: number, stop: number): Line | null {
  const quote = text[end];
  if ((quote !== '"' && quote !== "'") || text.charCodeAt(end + 1) !== 44) return null;
  let line = "";
  const places: number[] = [];
  for (let at = end; at < stop; at++) {
    const code = text.charCodeAt(at);
    if (code === 93 || code === 10) break;
    const joint = text[at] === quote ? JOINT.exec(text.slice(at, Math.min(stop, at + 64))) : null;
    places.push(at - end);
    line += joint === null ? text[at]! : " ";
    if (joint !== null) at += joint[0].length - 1;
  }
  return { line, places };
}
