import { pageHeaders } from "./page-key.ts";

export interface EventStream {
  close(): void;
}

/**
 * Server-sent events by fetch: the browser's own EventSource sends no header of ours. `onEnd` comes
 * once, however it ended, unless it was closed here.
 */
export function openEventStream(
  path: string,
  on: { readonly open: () => void; readonly event: (name: string, data: string) => void; readonly end: () => void },
): EventStream {
  const controller = new AbortController();
  const follow = async (): Promise<void> => {
    const response = await fetch(path, {
      headers: { ...pageHeaders(), accept: "text/event-stream" },
      cache: "no-store",
      signal: controller.signal,
    });
    if (!response.ok || response.body === null) return;
    on.open();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let rest = ""; ;) {
      const { done, value } = await reader.read();
      if (done) return;
      const events = (rest + value).split("\n\n");
      rest = events.pop() ?? "";
      for (const event of events) tell(event, on.event);
    }
  };
  follow()
    .catch(() => undefined)
    .finally(() => {
      if (!controller.signal.aborted) on.end();
    });
  return { close: () => controller.abort() };
}

/** `event:` and `data:` lines; a line that begins with a colon only keeps the line open. */
function tell(text: string, event: (name: string, data: string) => void): void {
  const fields = new Map(
    text.split("\n").map((line): [string, string] => {
      const at = line.indexOf(":");
      return [line.slice(0, at), line.slice(at + 1).trimStart()];
    }),
  );
  const data = fields.get("data");
  if (data !== undefined) event(fields.get("event") ?? "message", data);
}
