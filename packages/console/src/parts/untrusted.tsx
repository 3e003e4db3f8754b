import type { ReactNode } from "react";

/**
 * Text that an outsider may have written. It is shown as it is: never a link, never markup.
 * What the scrubber took out stands as a small pill, and characters that would hide or reorder
 * text are named instead of obeyed.
 */
export function Untrusted({ text }: { text: string }) {
  return <bdi className="font-mono">{pieces(text)}</bdi>;
}

/** The same in a frame of its own, with its line breaks. */
export function UntrustedBlock({ text, label }: { text: string; label: string }) {
  return (
    <pre className="frame overflow-x-auto whitespace-pre-wrap px-3 py-2" tabIndex={0} role="region" aria-label={label}>
      {pieces(text)}
    </pre>
  );
}

// Unicode's controls (Cc) and formats (Cf: bidirectional and zero-width marks, soft hyphen) and its
// line separators; tabs and ends of lines may stay.
const SPECIAL = /\[REDACTED:([\w.:-]{1,60})\]|((?!\t|\n|\r\n)[\p{Cc}\p{Cf}\u2028\u2029])/gu;

export function pieces(text: string): ReactNode[] {
  const out: ReactNode[] = [];
  let end = 0;
  for (const match of text.matchAll(SPECIAL)) {
    if (match.index > end) out.push(text.slice(end, match.index));
    end = match.index + match[0].length;
    const [, rule, control] = match;
    if (rule !== undefined) {
      out.push(
        <span key={match.index} className="pill" title={`The scrubber removed this before it was stored (${rule}).`}>
          {rule.toLowerCase().replaceAll("_", " ")}
        </span>,
      );
    } else if (control !== undefined) {
      const code = (control.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
      out.push(
        <span key={match.index} className="pill" title="A character that cannot be seen">
          U+{code}
        </span>,
      );
    }
  }
  if (end < text.length) out.push(text.slice(end));
  return out;
}
