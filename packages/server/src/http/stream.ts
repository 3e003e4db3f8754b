import type { Notice } from "@prunella/contract";
import type { Kernel } from "@prunella/kernel";

/** Notices of one topic reach a page at most this often. */
const FLUSH_MS = 250;
const KEEP_ALIVE_MS = 20_000;
/** More different things than this in one tick: the page reloads its lists anyway. */
const MAX_WAITING = 200;

const HEADERS = { "content-type": "text/event-stream", "cache-control": "no-store", "x-accel-buffering": "no" };

/** Server-sent events: change notices, folded by topic and id, so a storm costs a page four refetches a second. */
export function noticeStream(
  kernel: Kernel,
  signal: AbortSignal,
  {
    headersOnly,
    recent = [],
    isAllowed = async () => true,
  }: {
    headersOnly: boolean;
    /** Told first: the reader asked for its pages a moment ago. */
    recent?: readonly Notice[];
    isAllowed?: () => Promise<boolean>;
  },
): Response {
  if (headersOnly) return new Response(null, { headers: HEADERS });
  const encoder = new TextEncoder();
  let stop = () => {};
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const waiting = new Map(recent.map((notice) => [`${notice.topic} ${notice.id}`, notice]));
      const unsubscribe = kernel.notices.subscribe(({ topic, id, version }) => {
        if (waiting.size < MAX_WAITING) waiting.set(`${topic} ${id}`, { topic, id, version });
      });
      const flush = setInterval(() => {
        for (const notice of waiting.values())
          controller.enqueue(encoder.encode(`event: notice\ndata: ${JSON.stringify(notice)}\n\n`));
        waiting.clear();
      }, FLUSH_MS);
      const end = () => {
        stop();
        try {
          controller.close();
        } catch {
          // The reader went first.
        }
      };
      const keepAlive = setInterval(() => {
        controller.enqueue(encoder.encode(": still here\n\n"));
        isAllowed().then(
          (isStill) => isStill || end(),
          () => undefined,
        );
      }, KEEP_ALIVE_MS);
      stop = () => {
        clearInterval(flush);
        clearInterval(keepAlive);
        unsubscribe();
      };
      controller.enqueue(encoder.encode(": hello\n\n"));
      signal.addEventListener("abort", end);
    },
    cancel: () => stop(),
  });
  return new Response(body, { headers: HEADERS });
}
