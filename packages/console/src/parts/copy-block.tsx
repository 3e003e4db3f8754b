import { useState } from "react";

/** Our own text, ready to copy. */
export function CopyBlock({ text, label }: { text: string; label: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      setTimeout(() => setCopied(false), 2_000);
    } catch {
      // Without a secure origin there is no clipboard; the text can still be selected by hand.
      setCopied(false);
    }
  };
  return (
    <div className="frame flex items-start gap-2 py-1 pl-3 pr-1">
      <pre
        className="min-w-0 flex-1 overflow-x-auto py-1 whitespace-pre-wrap"
        tabIndex={0}
        role="region"
        aria-label={label}
      >
        {text}
      </pre>
      <button
        type="button"
        className="button button-plain button-small w-18 font-sans"
        aria-label={`Copy: ${label}`}
        onClick={() => void copy()}
      >
        <span aria-live="polite">{copied ? "Copied" : "Copy"}</span>
      </button>
    </div>
  );
}
