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

// Controls but tab and newline, soft hyphen, zero-width and bidirectional marks (Unicode TR 9, TR 36).
const SPECIAL = /\[REDACTED:([\w.:-]{1,60})\]|([\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff])/gu;

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
          {rule}
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
