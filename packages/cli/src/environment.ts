/** The only place that reads or changes the environment. */
export const environment = {
  /** Operator token that goes with --url. */
  token: (): string | null => process.env["PRUNELLA_TOKEN"] ?? null,
  /** Whether colours are unwelcome (no-color.org: any value that is not empty). */
  isPlain: (): boolean => (process.env["NO_COLOR"] ?? "") !== "" || process.env["TERM"] === "dumb",
  /** Stacks of our own defects. */
  isDebug: (): boolean => process.env["PRUNELLA_DEBUG"] === "1",
  /** As a whole, for the crash client, which has rules of its own about it. */
  everything: (): Readonly<Record<string, string | undefined>> => process.env,
  /** Whether npm, pnpm or yarn started us, perhaps by way of other programs. */
  isUnderScript: (): boolean =>
    process.env["npm_lifecycle_event"] !== undefined || process.env["npm_command"] !== undefined,
  /** For the server in this process, which reads keys and switches there. */
  put: (name: string, value: string): void => void (process.env[name] = value),
  path: (): string => process.env["PATH"] ?? "",
  /** How a wrapper that starts us is called, such as that of a package of the system. */
  command: (): string | null => process.env["PRUNELLA_COMMAND"] || null,
};
