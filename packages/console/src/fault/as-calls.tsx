import type { FaultRow, InputOf, OperationAt, Route } from "@prunella/contract";
import { requestOf } from "@prunella/contract/request";
import { CallsDialog, type NamedCall } from "../parts/calls-dialog.tsx";

const call = <R extends Route>(name: string, route: R, input: InputOf<OperationAt<R>>): NamedCall => ({
  name,
  request: requestOf(route, input),
});

/** What can be done to a fault, for whoever would rather script it. */
export function AsCalls({ fault: { id, assignee }, onClose }: { fault: FaultRow; onClose: () => void }) {
  return (
    <CallsDialog
      title="What can be done to this fault, as curl"
      onClose={onClose}
      calls={[
        call("Resolve", "POST /v1/faults/:id/resolve", { id }),
        call("Resolve in the next release", "POST /v1/faults/:id/resolve", { id, in_next_release: true }),
        call("Mute", "POST /v1/faults/:id/mute", { id }),
        call("Snooze until 100 more events", "POST /v1/faults/:id/snooze", { id, events: 100 }),
        call("Reopen", "POST /v1/faults/:id/reopen", { id }),
        call("Assign", "POST /v1/faults/:id/assign", { id, assignee: assignee ?? "mia" }),
        call("Add a note", "POST /v1/faults/:id/note", { id, text: "seen before" }),
        call("Read all of it", "GET /v1/faults/:id", { id }),
      ]}
    />
  );
}
