import { useState, type FormEvent, type ReactNode } from "react";
import type { IssueDraft } from "@prunella/contract";
import { ApiFailure } from "../api/client.ts";
import { AsCommand } from "../parts/command.tsx";
import { Does } from "../parts/does.tsx";
import { Draft } from "../parts/draft.tsx";
import { Field } from "../parts/field.tsx";
import { ModalDialog } from "../parts/modal.tsx";
import { usePromote, type Promoting } from "./promotion.tsx";

const ROUTE = "POST /v1/crash/promote";

interface Given {
  readonly id: string;
  readonly project: string;
  readonly onClose: () => void;
}

/** The second step of filing: what is sent, and that what is public stays public. */
export function SendDialog({
  id,
  project,
  does,
  draft,
  onClose,
}: Given & { does: "file" | "promote"; draft: IssueDraft }) {
  const isPublic = does === "promote";
  const input: Promoting = isPublic ? { id, do: "promote", sha256: draft.sha256 } : { id, do: "file" };
  const promote = usePromote(onClose);
  return (
    <ModalDialog
      title={isPublic ? "Make this fault public?" : "File this fault privately?"}
      role="alertdialog"
      keeps
      onClose={onClose}
    >
      <Draft {...draft} />
      {isPublic && <p className="mt-2 text-sm">Everybody can read it then, and what is public stays public.</p>}
      <Failed error={promote.error} />
      <AsCommand
        words={isPublic ? `promote ${id.slice(-8)} --yes` : `promote ${id.slice(-8)} --file`}
        route={ROUTE}
        input={input}
      />
      <div className="mt-3 flex flex-wrap gap-2">
        <Does
          route={ROUTE}
          project={project}
          className="button button-primary max-md:min-h-11"
          disabled={promote.isPending}
          onClick={() => promote.mutate(input)}
        >
          {isPublic ? "Yes, make it public" : "File it"}
        </Does>
        <button type="button" autoFocus className="button max-md:min-h-11" onClick={onClose}>
          Not now
        </button>
      </div>
    </ModalDialog>
  );
}

/** Which release should mend it: from then on it is watched. */
export function FixDialog({ id, project, onClose }: Given) {
  const [release, setRelease] = useState("");
  const [pull, setPull] = useState("");
  const promote = usePromote(onClose);
  const input: Promoting = { id, do: "fixed", release, ...(pull === "" ? {} : { pull }) };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    promote.mutate(input);
  };
  return (
    <ModalDialog title="Which release mends it?" keeps={release !== ""} onClose={onClose}>
      <form onSubmit={submit} className="mt-3 space-y-3">
        <Field
          label="Release"
          hint="As events name it, such as shop@1.4.0. When it stays quiet, the public issue is told once."
          isLine
          autoFocus
          required
          maxLength={200}
          value={release}
          onChange={({ target }) => setRelease(target.value)}
        />
        <Field
          label="Pull request, if you want to name it"
          isLine
          maxLength={300}
          value={pull}
          onChange={({ target }) => setPull(target.value)}
        />
        <Failed error={promote.error} />
        <AsCommand
          words={`promote ${id.slice(-8)} --fixed-in '${release || "RELEASE"}'`}
          route={ROUTE}
          input={{ ...input, release: release || "RELEASE" }}
        />
        <Does
          route={ROUTE}
          project={project}
          className="button button-primary max-md:min-h-11"
          disabled={promote.isPending || release.trim() === ""}
          onClick={submit}
        >
          Watch it
        </Does>
      </form>
    </ModalDialog>
  );
}

const Failed = ({ error }: { error: Error | null }): ReactNode => (
  <div role="alert" className="mt-2 text-bad">
    {error !== null && `Nothing was sent. ${error instanceof ApiFailure ? `${error.message} ${error.hint ?? ""}` : ""}`}
  </div>
);
