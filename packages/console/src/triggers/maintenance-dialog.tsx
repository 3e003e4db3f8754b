import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { ActionWindow } from "@prunella/contract";
import { ApiFailure, call } from "../api/client.ts";
import { AsCommand } from "../parts/command.tsx";
import { quoted } from "../parts/command-words.ts";
import { Field } from "../parts/field.tsx";
import { ModalDialog } from "../parts/modal.tsx";
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
export function MaintenanceDialog({ projects, onClose }: { projects: readonly string[]; onClose: () => void }) {
  const client = useQueryClient();
  const [opened] = useState(() => Date.now());
  const [kind, setKind] = useState<Kind>("now");
  const [lasts, setLasts] = useState<string>("1h");
  const [from, setFrom] = useState("22:00");
  const [to, setTo] = useState("04:00");
  const [cron, setCron] = useState("0 3 * * 0");
  const [zone, setZone] = useState(() => new Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC");
  const [project, setProject] = useState("");
  const [target, setTarget] = useState("");
  const [reason, setReason] = useState("");
  const length = LENGTHS.find(([name]) => name === lasts)?.[2] ?? LENGTHS[1][2];
  const windowAt = (now: number): ActionWindow =>
    kind === "daily"
      ? { from, to, zone }
      : kind === "cron"
        ? { cron, lasts_ms: length, zone }
        : { from: new Date(now).toISOString(), to: new Date(now + length).toISOString() };
  const inputAt = (now: number) => ({
    ...(project === "" ? {} : { project }),
    target: target.trim() === "" ? null : target.trim(),
    window: windowAt(now),
    reason: reason.trim(),
  });
  const when =
    kind === "daily"
      ? `--from ${from} --to ${to} --zone ${zone}`
      : kind === "cron"
        ? `--cron ${quoted(cron)} --for ${lasts} --zone ${zone}`
        : `--for ${lasts}`;
  const add = useMutation({
    mutationFn: () => call("POST /v1/maintenance", inputAt(Date.now())),
    onSuccess: () => {
      toast("Planned. While it is open policy does nothing there and asks nobody.");
      onClose();
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["triggers"] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <ModalDialog title="Plan maintenance" keeps={reason !== ""} onClose={onClose}>
      <form onSubmit={submit} className="mt-3 space-y-3">
        <Field
          label="Why"
          hint="In a few words, for whoever reads it later."
          isLine
          autoFocus
          required
          maxLength={200}
          value={reason}
          onChange={({ target: input }) => setReason(input.value)}
        />
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
            options={[["", "all projects"], ...projects.map((each) => [each, each] as const)]}
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
        <div role="alert" className="text-bad">
          {add.error !== null &&
            `It was not planned. ${add.error instanceof ApiFailure ? `${add.error.message} ${add.error.hint ?? ""}` : ""}`}
        </div>
        <AsCommand
          words={`maintenance add ${when}${project === "" ? "" : ` --project ${project}`}${target.trim() === "" ? "" : ` --target ${quoted(target.trim())}`} --reason ${quoted(reason.trim())}`}
          route="POST /v1/maintenance"
          input={inputAt(opened)}
        />
        <button
          type="submit"
          className="button button-primary max-md:min-h-11"
          disabled={add.isPending || reason.trim() === ""}
        >
          Plan it
        </button>
      </form>
    </ModalDialog>
  );
}

function Choice<Name extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: string;
  options: readonly (readonly [name: Name, words: string, ...rest: unknown[]])[];
  onChange: (chosen: Name) => void;
}) {
  return (
    <label className="flex min-w-0 flex-1 basis-48 flex-col gap-1 text-sm">
      {label}
      <select
        className="field min-w-0"
        value={value}
        onChange={({ target }) => {
          const chosen = options.find(([name]) => name === target.value)?.[0];
          if (chosen !== undefined) onChange(chosen);
        }}
      >
        {options.map(([name, words]) => (
          <option key={name} value={name}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}
