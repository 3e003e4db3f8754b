import { VERSION } from "@prunella/contract";
import type { ABOUT } from "@prunella/contract/operations";
import type { Handlers } from "../handler.ts";
import { noticeStream } from "../stream.ts";

export const about: Handlers<typeof ABOUT> = {
  get_me: async (_input, { caller, isDemo, startedAt }) => ({
    kind: caller?.kind ?? "session",
    version: VERSION,
    demo: isDemo,
    started_at: startedAt,
  }),
  follow_notices: async (_input, { kernel, request, closing }) =>
    noticeStream(kernel, AbortSignal.any([request.signal, closing]), request.method === "HEAD"),
  // The file that is held equal to the table: making it takes longer than a failure may wait.
  get_openapi: async () => (await import("@prunella/contract/openapi.json", { with: { type: "json" } })).default,
};
