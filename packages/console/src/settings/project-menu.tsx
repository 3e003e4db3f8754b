import { type ReactNode, useState } from "react";
import type { Project } from "@prunella/contract";
import { call } from "../api/client.ts";
import { useMay } from "../api/may.ts";
import { AsCommand } from "../parts/command.tsx";
import { Menu } from "../parts/menu.tsx";
import { ModalDialog } from "../parts/modal.tsx";
import { Ago, exact, useZone } from "../parts/time.tsx";
import { plural } from "../parts/words.ts";
import { toast } from "../shell/toasts.tsx";
import { useChange } from "./project-changes.ts";
import { RetentionDialog } from "./retention-dialog.tsx";

type Open = "rename" | "keys" | "retention" | "delete" | null;

/** What can be changed of one project. */
export function ProjectMenu({ project }: { project: Project }) {
  const [open, setOpen] = useState<Open>(null);
  const { problem, run } = useChange();
  const close = () => setOpen(null);
  const may = useMay();
  const { id } = project;
  return (
    <>
      <Menu
        label={`Change ${project.id}`}
        items={[
          { title: "Rename…", run: () => setOpen("rename"), why: may("POST /v1/projects/:project/rename", id) },
          { title: "DSN keys…", run: () => setOpen("keys"), why: may("POST /v1/projects/:project/keys/rotate", id) },
          {
            title: "How long data is kept…",
            run: () => setOpen("retention"),
            why: may("POST /v1/projects/:project/retention", id),
          },
          project.deletes_at === null
            ? {
                title: "Delete…",
                run: () => setOpen("delete"),
                bad: true,
                why: may("POST /v1/projects/:project/delete", id),
              }
            : {
                title: "Keep it after all",
                run: () => void keep(project),
                why: may("POST /v1/projects/:project/keep", id),
              },
        ]}
      />
      <Problem>{problem}</Problem>
      {open === "rename" && <RenameDialog project={project} onClose={close} />}
      {open === "keys" && <KeysDialog project={project} onClose={close} />}
      {open === "retention" && <RetentionDialog project={project.id} onClose={close} />}
      {open === "delete" && <DeleteDialog project={project} onClose={close} />}
    </>
  );

  async function keep({ id }: Project): Promise<void> {
    await run(async () => {
      await call("POST /v1/projects/:project/keep", { project: id });
      toast(`${id} stays.`);
    });
  }
}

type Props = { project: Project; onClose: () => void };

function RenameDialog({ project, onClose }: Props) {
  const [title, setTitle] = useState(project.title);
  const { problem, busy, run } = useChange();
  return (
    <ModalDialog title={`Rename ${project.id}`} onClose={onClose}>
      <form
        className="mt-4 space-y-3"
        onSubmit={(event) => {
          event.preventDefault();
          void run(async () => {
            await call("POST /v1/projects/:project/rename", { project: project.id, title: title.trim() });
            onClose();
          });
        }}
      >
        <label className="flex flex-col gap-1 text-sm">
          Title
          <input
            className="field"
            value={title}
            maxLength={80}
            autoComplete="off"
            onChange={({ target }) => setTitle(target.value)}
          />
        </label>
        <p className="text-sm text-quiet">The id and the DSNs stay as they are.</p>
        <AsCommand route="POST /v1/projects/:project/rename" input={{ project: project.id, title: title.trim() }} />
        <Problem>{problem}</Problem>
        <button type="submit" className="button button-primary" disabled={busy || title.trim() === ""}>
          Rename
        </button>
      </form>
    </ModalDialog>
  );
}

const OVERLAPS = [
  ["24 hours", 86_400_000],
  ["7 days", 604_800_000],
  ["30 days", 2_592_000_000],
  ["none: refuse the former ones at once", 0],
] as const;

function KeysDialog({ project, onClose }: Props) {
  const { problem, run } = useChange();
  const [overlap, setOverlap] = useState<number>(OVERLAPS[0][1]);
  const { id } = project;
  return (
    <ModalDialog title={`DSN keys of ${id}`} onClose={onClose}>
      <ul className="mt-4 border-t border-line">
        {project.keys.map((key, at) => (
          <li key={key.public_key} className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line py-2">
            <code title={key.dsn}>{key.public_key.slice(0, 12)}…</code>
            <span className="text-sm text-quiet">
              {at === 0 ? (
                "handed out"
              ) : key.ends_at === null ? (
                "taken"
              ) : (
                <>
                  refused <Ago at={key.ends_at} />
                </>
              )}
            </span>
            {at > 0 && (
              <button
                type="button"
                className="button button-small ml-auto"
                aria-label={`Revoke the key ${key.public_key.slice(0, 12)}`}
                onClick={() =>
                  void run(async () => {
                    await call("POST /v1/projects/:project/keys/revoke", { project: id, key: key.public_key });
                  })
                }
              >
                Revoke
              </button>
            )}
          </li>
        ))}
      </ul>
      <p className="mt-3 text-sm text-quiet">
        To rotate, hand out a new key and put its DSN into your programs while the former ones are still taken.
      </p>
      <Problem>{problem}</Problem>
      <div className="mt-3 flex flex-wrap items-end gap-3">
        <label className="flex flex-col gap-1 text-sm">
          Former keys are taken for
          <select className="field" value={overlap} onChange={({ target }) => setOverlap(Number(target.value))}>
            {OVERLAPS.map(([words, ms]) => (
              <option key={ms} value={ms}>
                {words}
              </option>
            ))}
          </select>
        </label>
        <button
          type="button"
          className="button button-primary"
          onClick={() =>
            void run(async () => {
              await call("POST /v1/projects/:project/keys/rotate", { project: id, overlap_ms: overlap });
              toast(`A new key of ${id} is handed out. Its DSN stands in the list.`);
            })
          }
        >
          Rotate
        </button>
        <button
          type="button"
          className="button"
          onClick={() => void run(async () => void (await call("POST /v1/projects/:project/keys", { project: id })))}
        >
          Take a further key
        </button>
      </div>
    </ModalDialog>
  );
}

function DeleteDialog({ project: { id, fault_count: faults }, onClose }: Props) {
  const zone = useZone();
  const [confirm, setConfirm] = useState("");
  const { problem, busy, run } = useChange();
  return (
    <ModalDialog title={`Delete ${id}?`} role="alertdialog" keeps onClose={onClose}>
      <form
        className="mt-3 space-y-3"
        onSubmit={(event) => {
          event.preventDefault();
          void run(async () => {
            const { project } = await call("POST /v1/projects/:project/delete", { project: id, confirm });
            toast(`${id} is deleted at ${exact(project.deletes_at ?? 0, zone)}. Until then you can keep it.`);
            onClose();
          });
        }}
      >
        <p>
          In 24 hours its {plural(faults, "fault")}, their bodies, its rules, triggers and source maps go for good.
          Until then everything goes on, and you can take it back. What was done and decided stays in the ledger.
        </p>
        <label className="flex flex-col gap-1 text-sm">
          To delete it, type its id: {id}
          <input
            className="field font-mono"
            value={confirm}
            autoCapitalize="none"
            autoComplete="off"
            spellCheck={false}
            onChange={({ target }) => setConfirm(target.value)}
          />
        </label>
        <AsCommand route="POST /v1/projects/:project/delete" input={{ project: id, confirm: id }} />
        <Problem>{problem}</Problem>
        <button type="submit" className="button button-bad" disabled={busy || confirm !== id}>
          Delete in 24 hours
        </button>
      </form>
    </ModalDialog>
  );
}

function Problem({ children }: { children: ReactNode }) {
  return (
    <div role="alert" className="text-sm text-bad">
      {children}
    </div>
  );
}
