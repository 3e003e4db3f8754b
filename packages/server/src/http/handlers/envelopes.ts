import { PrunellaError } from "@prunella/contract";
import type { ENVELOPES } from "@prunella/contract/operations";
import type { Kernel } from "@prunella/kernel";
import type { Handlers } from "../handler.ts";

export const envelopes: Handlers<typeof ENVELOPES> = {
  list_envelopes: async (_input, { kernel, sees }) => ({ envelopes: await kernel.envelopes.list(sees) }),
  switch_envelope: ({ probe, on }, { kernel, by }) => kernel.envelopes.turn(probe, on, by),
  move_envelope: async ({ probe, project, move, reason }, { kernel, by }) => ({
    envelope: await kernel.envelopes.move({ projectId: project, probe, move, reason }, by),
  }),
  autofix: ({ project, caller_session_id, ...asked }, { kernel, by }) =>
    kernel.envelopes.autofix({
      ...asked,
      projectId: project,
      subject: { kind: "person", id: by.id ?? "operator" },
      source: "operator",
      callerSessionId: caller_session_id ?? null,
    }),
  call_autofix: ({ caller_session_id, ...asked }, { kernel, request }) => {
    const key = /^Bearer ([\x21-\x7e]{1,1000})$/.exec(request.headers.get("authorization") ?? "")?.[1];
    if (key === undefined)
      throw new PrunellaError("PRUNELLA_SIGN_IN_REQUIRED", {
        detail: "A caller shows its key as a bearer token.",
      });
    return kernel.envelopes.autofixWithKey(key, { ...asked, callerSessionId: caller_session_id ?? null });
  },
  list_timeline: async ({ cursor, dm_status, limit }, { kernel, sees }) => {
    const { events, next } = await kernel.timeline.list({ limit, before: cursor, dmStatus: dm_status, sees });
    return { events: events.map(toEvent), next };
  },
  read_timeline: async ({ session }, { kernel, sees }) => {
    const { sessions, events } = await kernel.timeline.read(session, sees);
    if (events.length === 0)
      throw new PrunellaError("PRUNELLA_NOT_FOUND", {
        detail: "No session, attempt or escalation of this id has a row.",
        hint: "List the newest with `prunella timeline`.",
      });
    return { sessions, events: events.map(toEvent) };
  },
};

type Event = Awaited<ReturnType<Kernel["timeline"]["read"]>>["events"][number];

/** Rows leave with their moment as text, as those who wrote such rows first have it. */
const toEvent = ({ at, row, ...event }: Event) => ({
  ...event,
  row: { ...row, emitted_at: new Date(at).toISOString() },
});
