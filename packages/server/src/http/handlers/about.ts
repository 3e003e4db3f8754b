import { VERSION } from "@prunella/contract";
import type { ABOUT } from "@prunella/contract/operations";
import { toRoles } from "@prunella/kernel";
import type { Handlers } from "../handler.ts";
import { noticeStream } from "../stream.ts";

const secretOf = (request: Request): string => (request.headers.get("authorization") ?? "").replace(/^Bearer /, "");

export const about: Handlers<typeof ABOUT> = {
  get_me: async (_input, { caller, isDemo, command, startedAt }) => ({
    kind: caller?.kind ?? "session",
    person: caller?.person ?? null,
    roles: caller === null ? [] : toRoles(caller.rights),
    version: VERSION,
    demo: isDemo,
    command,
    started_at: startedAt,
  }),
  async follow_notices(_input, { kernel, request, closing, caller, streams }) {
    if (caller?.kind !== "session") {
      const secret = caller?.kind === "personal" ? secretOf(request) : null;
      return noticeStream(kernel, AbortSignal.any([request.signal, closing]), {
        headersOnly: request.method === "HEAD",
        // Revoked, expired, or its person was removed.
        ...(secret === null ? {} : { isAllowed: async () => (await kernel.access.whoseToken(secret)) !== null }),
        recent: streams.recent(),
      });
    }
    const { session, sessionId } = caller;
    const stream = streams.open(sessionId);
    request.signal.addEventListener("abort", () => stream.forget());
    return noticeStream(kernel, AbortSignal.any([request.signal, closing, stream.signal]), {
      headersOnly: request.method === "HEAD",
      recent: streams.recent(),
      // Signed out on another server, or its time is over.
      isAllowed: () => kernel.access.hasSession(session),
    });
  },
  reload: (_input, { reload, by }) => reload(by),
  // The file that is held equal to the table: making it takes longer than a failure may wait.
  get_openapi: async () => (await import("@prunella/contract/openapi.json", { with: { type: "json" } })).default,
};
