import { type FormEvent, type ReactNode, useState } from "react";
import { useQuery } from "@tanstack/react-query";
import type { Triage } from "@prunella/contract";
import { meQuery } from "../api/queries.ts";
import { ModalDialog } from "../parts/modal.tsx";
import { plural } from "../parts/words.ts";

export type Asking = "snooze" | "assign" | "note";
type Props = {
  count: number;
  /** Who looks after it now; of several, nobody. */
  assignee: string | null;
  onSay: (triage: Triage) => void;
  onClose: () => void;
};

/** What needs a word more than a press. */
export function TriageDialog({ ask, ...props }: Props & { ask: Asking }) {
  switch (ask) {
    case "snooze":
      return <SnoozeDialog {...props} />;
    case "assign":
      return <AssignDialog {...props} />;
    case "note":
      return <NoteDialog {...props} />;
  }
}

const HOUR = 3_600_000;
const TIMES: [title: string, ms: number][] = [
  ["1 h", HOUR],
  ["4 h", 4 * HOUR],
  ["1 d", 24 * HOUR],
  ["7 d", 7 * 24 * HOUR],
];

function SnoozeDialog({ count, onSay, onClose }: Props) {
  const [ms, setMs] = useState<number | null>(4 * HOUR);
  const [events, setEvents] = useState("");
  const number = /^\d{1,9}$/.test(events.trim()) ? Number(events) : null;
  const isWrong = events.trim() !== "" && (number === null || number < 1);
  return (
    <Form
      title={count === 1 ? "Snooze this fault" : `Snooze ${plural(count, "fault")}`}
      action="Snooze"
      ready={!isWrong && (ms !== null || number !== null)}
      onClose={onClose}
      onSubmit={() =>
        onSay({
          action: "snooze",
          ...(ms === null ? {} : { until: Date.now() + ms }),
          ...(number === null ? {} : { events: number }),
        })
      }
    >
      <p>It is muted and still counted. Whichever comes first opens it again:</p>
      <fieldset className="mt-3">
        <legend className="section-title">after</legend>
        <div className="mt-1 flex flex-wrap">
          {TIMES.map(([title, each]) => (
            <button
              key={title}
              type="button"
              className="choice"
              aria-pressed={ms === each}
              onClick={() => setMs(ms === each ? null : each)}
            >
              {title}
            </button>
          ))}
          <button type="button" className="choice" aria-pressed={ms === null} onClick={() => setMs(null)}>
            no time
          </button>
        </div>
      </fieldset>
      <label className="mt-3 block">
        <span className="section-title">or after so many more events</span>
        <input
          className="field mt-1 block w-40"
          inputMode="numeric"
          placeholder="no number"
          aria-invalid={isWrong}
          value={events}
          onChange={({ target }) => setEvents(target.value)}
        />
      </label>
      {isWrong && <p className="mt-1 text-bad">A number from 1 on, or nothing.</p>}
    </Form>
  );
}

function AssignDialog({ count, assignee, onSay, onClose }: Props) {
  const [name, setName] = useState(assignee ?? "");
  const me = useQuery(meQuery).data?.person?.name;
  const trimmed = name.trim();
  return (
    <Form
      title={count === 1 ? "Who looks after this fault?" : `Who looks after these ${plural(count, "fault")}?`}
      action={trimmed === "" ? "Assign to nobody" : "Assign"}
      ready={trimmed !== (assignee ?? "") || count > 1}
      onClose={onClose}
      onSubmit={() => onSay({ action: "assign", assignee: trimmed === "" ? null : trimmed })}
    >
      <label className="block">
        <span className="section-title">Name</span>
        <input
          autoFocus
          className="field mt-1 block w-full"
          maxLength={100}
          value={name}
          placeholder="nobody"
          onChange={({ target }) => setName(target.value)}
        />
      </label>
      {me !== undefined && trimmed !== me && (
        <button type="button" className="button button-small mt-2 max-md:min-h-11" onClick={() => setName(me)}>
          Me, <bdi>{me}</bdi>
        </button>
      )}
    </Form>
  );
}

function NoteDialog({ count, onSay, onClose }: Props) {
  const [text, setText] = useState("");
  return (
    <Form
      title={count === 1 ? "Note about this fault" : `Note about ${plural(count, "fault")}`}
      action="Add note"
      ready={text.trim() !== ""}
      onClose={onClose}
      onSubmit={() => onSay({ action: "note", text })}
    >
      <label className="block">
        <span className="section-title">For whoever looks next; secrets are taken out of it</span>
        <textarea
          autoFocus
          className="field mt-1 block min-h-28 w-full"
          maxLength={4_000}
          value={text}
          onChange={({ target }) => setText(target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.currentTarget.form?.requestSubmit();
          }}
        />
      </label>
    </Form>
  );
}

function Form({
  title,
  action,
  ready,
  onSubmit,
  onClose,
  children,
}: {
  title: string;
  action: string;
  ready: boolean;
  onSubmit: () => void;
  onClose: () => void;
  children: ReactNode;
}) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!ready) return;
    onClose();
    onSubmit();
  };
  return (
    <ModalDialog title={title} keeps onClose={onClose}>
      <form className="mt-3" onSubmit={submit}>
        {children}
        <div className="mt-4 flex flex-wrap gap-2">
          <button type="submit" className="button button-primary" disabled={!ready}>
            {action}
          </button>
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </ModalDialog>
  );
}
