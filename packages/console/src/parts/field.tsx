import type { InputHTMLAttributes } from "react";

/** A labelled line of input, with what is to be known about it below. */
export function Field({
  label,
  hint,
  ...input
}: { label: string; hint?: string } & Omit<InputHTMLAttributes<HTMLInputElement>, "className">) {
  return (
    <label className="flex min-w-0 flex-1 basis-48 flex-col gap-1 text-sm">
      {label}
      <input {...input} className="field min-w-0" />
      {hint !== undefined && <span className="text-quiet">{hint}</span>}
    </label>
  );
}
