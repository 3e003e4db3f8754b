import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import { ApiFailure } from "../api/client.ts";
import { Field } from "./field.tsx";
import { ModalDialog } from "./modal.tsx";

/** Longer ones nobody reads; the API takes no more. */
const LONGEST = 200;

/** Does one thing for a reason that stays written down: the reason, what else there is to say, and what went wrong. */
export function ReasonDialog<Done>({
  title,
  label = "Why",
  hint = "In a few words, for whoever reads it later.",
  verb,
  failed,
  act,
  onDone,
  stale,
  asCommand,
  children,
  below,
  onClose,
}: {
  title: string;
  label?: string;
  hint?: string;
  /** What the button says. */
  verb: string;
  /** Goes before what the server says of a failure. */
  failed: string;
  act: (reason: string) => Promise<Done>;
  onDone: (done: Done) => void;
  /** What is asked for anew afterwards. */
  stale: string;
  /** The same in a terminal and over the API. */
  asCommand: (reason: string) => ReactNode;
  children?: ReactNode;
  below?: ReactNode;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const [text, setText] = useState("");
  const reason = text.trim();
  const { error, isPending, mutate } = useMutation({
    mutationFn: () => act(reason),
    onSuccess(done) {
      onDone(done);
      onClose();
    },
    onSettled: () => client.invalidateQueries({ queryKey: [stale] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    mutate();
  };
  return (
    <ModalDialog title={title} keeps={text !== ""} onClose={onClose}>
      <form onSubmit={submit} className="mt-3 space-y-3">
        <Field
          label={label}
          hint={hint}
          isLine
          autoFocus
          required
          maxLength={LONGEST}
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
        {children}
        <div role="alert" className="text-bad">
          {error !== null && `${failed} ${error instanceof ApiFailure ? `${error.message} ${error.hint ?? ""}` : ""}`}
        </div>
        {asCommand(reason)}
        <button type="submit" className="button button-primary max-md:min-h-11" disabled={isPending || reason === ""}>
          {verb}
        </button>
        {below}
      </form>
    </ModalDialog>
  );
}
