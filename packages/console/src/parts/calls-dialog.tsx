import type { WireRequest } from "@prunella/contract/request";
import { curlOf } from "./command-words.ts";
import { CopyBlock } from "./copy-block.tsx";
import { ModalDialog } from "./modal.tsx";

export type NamedCall = { readonly name: string; readonly request: WireRequest };

/** Calls of the API as they can be typed. */
export function CallsDialog({
  title,
  calls,
  onClose,
}: {
  title: string;
  calls: readonly NamedCall[];
  onClose: () => void;
}) {
  return (
    <ModalDialog title={title} onClose={onClose}>
      <p className="mt-3 text-sm text-quiet">
        <code>PRUNELLA_TOKEN</code> is the token of <code>server.json</code> in the data folder, or one of your own from
        your account.
      </p>
      {calls.length === 0 && <p className="mt-3">Nothing was sent from this tab yet.</p>}
      <ol className="mt-3 space-y-3">
        {calls.map(({ name, request }, at) => (
          <li key={at}>
            <h3 className="section-title mb-1">{name}</h3>
            <CopyBlock text={curlOf(request, location.origin)} label={`${name} as curl`} />
          </li>
        ))}
      </ol>
    </ModalDialog>
  );
}
