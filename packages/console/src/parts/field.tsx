import type { InputHTMLAttributes } from "react";

/** A labelled line of input, with what is to be known about it below. */
export function Field({
  label,
  hint,
  isLine = false,
  ...input
}: { label: string; hint?: string; /** By itself, not beside others. */ isLine?: boolean } & Omit<
  InputHTMLAttributes<HTMLInputElement>,
  "className"
>) {
  return (
    <label className={`flex min-w-0 flex-col gap-1 text-sm ${isLine ? "" : "flex-1 basis-48"}`}>
      {label}
      <input {...input} className="field min-w-0" />
      {hint !== undefined && <span className="text-quiet">{hint}</span>}
    </label>
  );
}

/** For a password: `isNew` tells a password manager to offer one. */
export function PasswordField({
  onText,
  isNew = false,
  ...rest
}: {
  label: string;
  hint?: string;
  isLine?: boolean;
  value: string;
  isNew?: boolean;
  onText: (text: string) => void;
}) {
  return (
    <Field
      {...rest}
      type="password"
      onChange={({ target }) => onText(target.value)}
      autoComplete={isNew ? "new-password" : "current-password"}
      maxLength={1_024}
      required
    />
  );
}
