import { Untrusted } from "./untrusted.tsx";

/** What would be sent, word for word, as text. */
export function Draft({ place, title, body }: { place: string; title: string; body: string }) {
  return (
    <div className="mt-3">
      <p className="text-sm text-quiet">Into {place}, as it stands here:</p>
      <p className="mt-1 font-semibold [overflow-wrap:anywhere]">
        <Untrusted text={title} />
      </p>
      <pre
        className="frame mt-1 max-h-72 overflow-auto px-3 py-2 text-sm whitespace-pre-wrap [overflow-wrap:anywhere]"
        tabIndex={0}
        aria-label="Text of the issue"
      >
        <Untrusted text={body} />
      </pre>
    </div>
  );
}
