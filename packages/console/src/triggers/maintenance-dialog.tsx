import { useState } from "react";
import type { ActionWindow } from "@prunella/contract";
import { call } from "../api/client.ts";
import { Choice } from "../parts/choice.tsx";
import { AsCommand } from "../parts/command.tsx";
import { quoted } from "../parts/command-words.ts";
import { Field } from "../parts/field.tsx";
import { ReasonDialog } from "../parts/reason-dialog.tsx";
import { toast } from "../shell/toasts.tsx";

const LENGTHS = [
  ["30m", "30 min", 1_800_000],
  ["1h", "1 h", 3_600_000],
  ["4h", "4 h", 14_400_000],
  ["1d", "1 d", 86_400_000],
] as const;
const KINDS = [
  ["now", "from now on"],
  ["daily", "each day"],
  ["cron", "by a cron pattern"],
] as const;
type Kind = (typeof KINDS)[number][0];

/** Somebody is going to work on targets: policy leaves them alone for that while. */
export function MaintenanceDialog({
  projects,
  mayAll,
  onClose,
}: {
  /** Where the reader may plan it. */
  projects: readonly string[];
  /** A window of all projects takes a role in all of them. */
  mayAll: boolean;
  onClose: () => void;
}) {
  const [opened] = useState(() => Date.now());
  const [kind, setKind] = useState<Kind>("now");
  const [lasts, setLasts] = useState<string>("1h");
  const [from, setFrom] = useState("22:00");
  const [to, setTo] = useState("04:00");
  const [cron, setCron] = useState("0 3 * * 0");
  const [zone, setZone] = useState(() => new Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC");
  const [project, setProject] = useState(mayAll ? "" : (projects[0] ?? ""));
  const [target, setTarget] = useState("");
  const length = LENGTHS.find(([name]) => name === lasts)?.[2] ?? LENGTHS[1][2];
  const windowAt = (now: number): ActionWindow =>
    kind === "daily"
      ? { from, to, zone }
      : kind === "cron"
        ? { cron, lasts_ms: length, zone }
        : { from: new Date(now).toISOString(), to: new Date(now + length).toISOString() };
  const inputAt = (now: number, reason: string) => ({
    ...(project === "" ? {} : { project }),
    target: target.trim() === "" ? null : target.trim(),
    window: windowAt(now),
    reason,
  });
  const when =
    kind === "daily"
      ? `--from ${from} --to ${to} --zone ${quoted(zone)}`
      : kind === "cron"
        ? `--cron ${quoted(cron)} --for ${lasts} --zone ${quoted(zone)}`
        : `--for ${lasts}`;
  return (
    <ReasonDialog
      title="Plan maintenance"
      verb="Plan it"
      failed="It was not planned."
      act={(reason) => call("POST /v1/maintenance", inputAt(Date.now(), reason))}
      onDone={() => toast("Planned. While it is open policy does nothing there and asks nobody.")}
      stale="triggers"
      asCommand={(reason) => (
        <AsCommand
          words={`maintenance add ${when}${project === "" ? "" : ` --project ${project}`}${target.trim() === "" ? "" : ` --target ${quoted(target.trim())}`} --reason ${quoted(reason)}`}
          route="POST /v1/maintenance"
          input={inputAt(opened, reason)}
        />
      )}
      onClose={onClose}
    >
      <div className="flex flex-wrap gap-3">
        <Choice label="When" value={kind} options={KINDS} onChange={(chosen) => setKind(chosen)} />
        {kind !== "daily" && (
          <Choice label="For how long" value={lasts} options={LENGTHS} onChange={(chosen) => setLasts(chosen)} />
        )}
        {kind === "daily" && (
          <>
            <Field
              label="From"
              type="time"
              required
              value={from}
              onChange={({ target: input }) => setFrom(input.value)}
            />
            <Field label="To" type="time" required value={to} onChange={({ target: input }) => setTo(input.value)} />
          </>
        )}
        {kind === "cron" && (
          <Field
            label="Cron pattern"
            hint="Minute, hour, day, month, weekday."
            required
            maxLength={100}
            value={cron}
            onChange={({ target: input }) => setCron(input.value)}
          />
        )}
        {kind !== "now" && (
          <Field
            label="Time zone"
            hint="Such as Europe/Berlin or UTC."
            required
            maxLength={64}
            value={zone}
            onChange={({ target: input }) => setZone(input.value)}
          />
        )}
      </div>
      <div className="flex flex-wrap gap-3">
        <Choice
          label="Project"
          value={project}
          options={[
            ...(mayAll ? [["", "all projects"] as const] : []),
            ...projects.map((each) => [each, each] as const),
          ]}
          onChange={setProject}
        />
        <Field
          label="Target"
          hint="Such as program:shop; empty: all of them."
          maxLength={200}
          value={target}
          onChange={({ target: input }) => setTarget(input.value)}
        />
      </div>
    </ReasonDialog>
  );
}
