/** Where workflows of plugins run, as a host of repositories lets them be started. */
export interface Workflows {
  /** The commit that a branch or a tag names. @throws OutsideFailed */
  commitOf(repository: string, ref: string, signal: AbortSignal): Promise<string>;
  /** Started; what comes of it is waited for apart. @throws OutsideFailed */
  start(of: WorkflowStart, signal: AbortSignal): Promise<StartedRun>;
}

export interface WorkflowStart {
  readonly invocation: string;
  readonly repository: string;
  readonly file: string;
  readonly ref: string;
  /** That the run must be of. */
  readonly commit: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly deadline: number;
}

export interface StartedRun {
  /** null: the host did not say which run it became. */
  readonly url: string | null;
  /** What it sent back, or null where it only ended well. @throws OutsideFailed */
  ended(signal: AbortSignal): Promise<unknown>;
}
