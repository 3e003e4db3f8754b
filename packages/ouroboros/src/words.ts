/**
 * A command as words, the way a POSIX shell splits it and nothing more: quotes and backslashes, no variable, no
 * pattern, no second command. Null: a quote is not closed, or a backslash escapes nothing.
 */
export function wordsOf(command: string): string[] | null {
  const found: string[] = [];
  let word: string | null = null;
  let quote: "'" | '"' | null = null;
  for (let at = 0; at < command.length; at += 1) {
    const letter = command.charAt(at);
    if (letter === quote) quote = null;
    else if (quote === "'") word = `${word ?? ""}${letter}`;
    else if (letter === "\\") {
      at += 1;
      if (at >= command.length) return null;
      const next = command.charAt(at);
      // Inside of double quotes a backslash is itself before anything but these two.
      word = `${word ?? ""}${quote === null || next === '"' || next === "\\" ? "" : "\\"}${next}`;
    } else if (quote === null && (letter === "'" || letter === '"')) {
      quote = letter;
      word ??= "";
    } else if (quote === null && /[ \t\r\n]/.test(letter)) {
      if (word !== null) found.push(word);
      word = null;
    } else word = `${word ?? ""}${letter}`;
  }
  if (quote !== null) return null;
  if (word !== null) found.push(word);
  return found;
}
