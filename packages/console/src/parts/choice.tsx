/** One of a few, by name; what else stands in an option is the caller's. */
export function Choice<Name extends string>({
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
