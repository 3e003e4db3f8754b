/** What the embedding program says of itself. Everything but `app` has a default. */
export interface Options {
  /** Short name of the program: 1 to 64 of a-z, A-Z, 0-9, dot, dash and underscore. */
  readonly app: string;
  /** Version of the program, such as 1.4.0. Anything that is no version number is not sent. */
  readonly version?: string;
  /** Server that takes crash reports, such as https://crashes.example.org. None: nothing is ever sent. */
  readonly endpoint?: string;
  /** Page on which a person can open an issue by hand, such as https://github.com/octocat/repo/issues/new. */
  readonly issuesUrl?: string;
  /** Folder of the program; reports lie in its `crash` folder. Default: below the user's state folder. */
  readonly home?: string;
  /** `auto` sends once it was said that it does; `ask` leaves every report until `submit`. Default `auto`. */
  readonly mode?: "auto" | "ask";
  /** True where nothing may leave the machine. */
  readonly airGap?: boolean;
  /** Whether an exit with another code than 0 counts as a crash. Default true. */
  readonly exits?: boolean;
  /** Git remote that `project_id_hash` is made from. Default: `origin` of the working folder. */
  readonly remote?: string;
}

/** Options with every default filled in. */
export interface Program {
  readonly app: string;
  readonly version: string | null;
  readonly endpoint: string | null;
  readonly issuesUrl: string | null;
  /** Null: the place that the user's state folder gives. */
  readonly home: string | null;
  readonly mode: "auto" | "ask";
  readonly airGap: boolean;
  readonly remote: string | null;
}

const APP = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Null when the options name no program: then nothing is captured, and the host runs on undisturbed. */
export function toProgram(options: Options): Program | null {
  const given: { readonly [K in keyof Options]?: unknown } = options;
  const app = text(given.app);
  if (app === null || !APP.test(app)) return null;
  return {
    app,
    version: text(given.version),
    endpoint: text(given.endpoint),
    issuesUrl: text(given.issuesUrl),
    home: text(given.home),
    // A setting that nobody understands is the careful one.
    mode: given.mode === undefined || given.mode === "auto" ? "auto" : "ask",
    airGap: given.airGap !== undefined && given.airGap !== false,
    remote: text(given.remote),
  };
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
