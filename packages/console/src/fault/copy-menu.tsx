import type { Event, EventSample, FaultDetail } from "@prunella/contract";
import { copyText } from "../parts/copy.ts";
import { Menu } from "../parts/menu.tsx";
import { toast } from "../shell/toasts.tsx";

/** What of a fault people paste elsewhere: into a chat, an issue, a terminal. */
export function CopyMenu({ detail, sample }: { detail: FaultDetail; sample: EventSample | null }) {
  const { id } = detail.fault;
  const link = `${location.origin}/faults/${id}`;
  const api = `${location.origin}/v1/faults/${id}${sample === null ? "" : `/events/${sample.event_id}`}`;
  const copy = (what: string, text: string) => async () => {
    if (await copyText(text)) toast(`Copied: ${what}.`);
    else toast("The browser does not let this page copy. Select the text by hand.", { bad: true });
  };
  const item = (title: string, text: string) => ({ title, run: () => void copy(title.toLowerCase(), text)() });
  return (
    <Menu
      label="Copy"
      icon="copy"
      items={[
        item("Link to this fault", link),
        item("Fault id", id),
        ...(sample === null ? [] : [item("Stack as text", stackText(sample.event))]),
        item("curl command for it", `curl -H "Authorization: Bearer $PRUNELLA_TOKEN" '${api}'`),
        ...(sample === null ? [] : [item("This event as JSON", JSON.stringify(sample, null, 2))]),
      ]}
    />
  );
}

/** As most languages print it: the thrown error first, its causes below. */
export function stackText({ errors, stack_text, message }: Event): string {
  if (errors.length === 0) return stack_text ?? message ?? "";
  return errors
    .toReversed()
    .flatMap(({ type, value, frames }, index) => [
      `${index === 0 ? "" : "Caused by: "}${[type, value].filter((part) => part !== null).join(": ")}`,
      ...frames.toReversed().map((frame) => {
        const place = [frame.filename ?? frame.module ?? "unknown file", frame.line, frame.column];
        return `    at ${frame.function ?? "anonymous"} (${place.filter((part) => part !== null).join(":")})`;
      }),
    ])
    .join("\n");
}
