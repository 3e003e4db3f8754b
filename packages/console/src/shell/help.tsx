import { useState } from "react";
import { ModalDialog } from "../parts/modal.tsx";
import { keysOff, setKeysOff } from "./keys.ts";

const GROUPS: [string, [string, string][]][] = [
  [
    "Everywhere",
    [
      ["g i", "Inbox"],
      ["g e", "Escalations"],
      ["g p", "Programs"],
      ["g t", "Triggers"],
      ["g l", "Ledger"],
      ["g s", "Settings"],
      ["?", "this list"],
    ],
  ],
  [
    "Inbox",
    [
      ["j  k", "next, previous fault"],
      ["enter", "open"],
      ["x", "select"],
      ["e", "resolve"],
      ["m", "mute"],
      ["M", "merge the selected faults"],
      ["/", "search"],
    ],
  ],
  [
    "Fault",
    [
      ["e", "resolve, or reopen"],
      ["m", "mute, or unmute"],
      ["j  k", "next, previous fault of the list"],
      ["u", "back to the list"],
      ["← →", "read the trend, hour by hour"],
    ],
  ],
  ["Escalations", [["j  k", "next, previous escalation"]]],
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
                  <dt className="w-16 shrink-0">
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
