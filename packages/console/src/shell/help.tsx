import { useState } from "react";
import { ModalDialog } from "../parts/modal.tsx";
import { keysOff, setKeysOff } from "./keys.ts";

const GROUPS: [string, [string, string][]][] = [
  [
    "Everywhere",
    [
      ["g i", "Inbox"],
      ["g e", "Escalations"],
      ["g a", "Away"],
      ["g n", "Sprints"],
      ["g p", "Programs"],
      ["g b", "Probes"],
      ["g r", "Releases"],
      ["g t", "Triggers"],
      ["g v", "Envelopes"],
      ["g w", "Pauses and windows"],
      ["g h", "Rehearsal"],
      ["g m", "Timeline"],
      ["g l", "Ledger"],
      ["g s", "Settings"],
      ["Ctrl K", "pages, actions and faults by name"],
      ["?", "this list"],
    ],
  ],
  [
    "Inbox",
    [
      ["j  k", "next, previous fault"],
      ["enter", "open"],
      ["← →", "what else is in the row"],
      ["x", "select"],
      ["M", "merge the selected faults"],
      ["/", "search"],
    ],
  ],
  [
    "Fault",
    [
      ["j  k", "next, previous fault of the list"],
      ["u", "back to the list"],
      ["← →", "read the trend, step by step"],
    ],
  ],
  [
    "Faults, one or selected",
    [
      ["e", "resolve, or reopen"],
      ["E", "resolve in the next release"],
      ["m", "mute, or unmute"],
      ["s", "snooze"],
      ["a", "assign"],
      ["n", "add a note"],
    ],
  ],
  [
    "A question",
    [
      ["d 1", "decide for the first answer"],
      ["d 2", "decide for the second"],
      ["j  k", "next, previous question"],
    ],
  ],
];

export function HelpDialog({ onClose }: { onClose: () => void }) {
  const [off, setOff] = useState(keysOff);
  return (
    <ModalDialog title="Keyboard" onClose={onClose}>
      <div className="mt-4 grid gap-x-8 gap-y-5 sm:grid-cols-2">
        {GROUPS.map(([title, keys]) => (
          <section key={title}>
            <h3 className="section-title">{title}</h3>
            <dl className="mt-1">
              {keys.map(([key, does]) => (
                <div key={key} className="flex items-baseline gap-3 border-b border-line py-1">
                  <dt className="w-16 shrink-0 whitespace-nowrap">
                    <kbd>{key}</kbd>
                  </dt>
                  <dd>{does}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <label className="mt-5 flex items-center gap-2">
        <input
          type="checkbox"
          className="size-4 accent-accent"
          checked={!off}
          onChange={(event) => {
            setKeysOff(!event.target.checked);
            setOff(!event.target.checked);
          }}
        />
        Listen to single keys
      </label>
    </ModalDialog>
  );
}
