/** What went wrong with a plugin elsewhere, with what is known of it beside the words. */
export interface HowItFailed {
  readonly category: "http" | "workflow" | "timeout" | "validation" | "dispatch";
  /** The HTTP status that came back; null where none did. */
  readonly status: number | null;
  /** The beginning of what came back. */
  readonly snippet: string | null;
  /** Tries after the first. */
  readonly retryCount: number;
}

export class OutsideFailed extends Error {
  override readonly name = "OutsideFailed";
  readonly how: HowItFailed;

  constructor(message: string, how: Partial<HowItFailed> & Pick<HowItFailed, "category">) {
    super(message);
    this.how = { status: null, snippet: null, retryCount: 0, ...how };
  }
}
