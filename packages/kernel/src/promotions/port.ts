import type { TriageConfig } from "@prunella/contract";

/** What came of asking the place where issues are. */
export type Told<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly message: string; readonly retryAfterMs: number | null };

export interface FiledIssue {
  readonly number: number;
  readonly url: string;
}

/** Where issues are filed; each question ends by itself within half a minute. `place` is `owner/name`. */
export interface IssuePort {
  isPrivate(place: string): Promise<Told<boolean>>;
  /** Files it, or finds what was filed with its marker. */
  file(
    place: string,
    draft: {
      readonly marker: string;
      readonly title: string;
      readonly body: string;
      readonly labels: readonly string[];
      readonly since: number;
    },
  ): Promise<Told<FiledIssue>>;
  /** One comment for each marker, put right in place. */
  comment(place: string, issue: number, of: { readonly marker: string; readonly body: string }): Promise<Told<null>>;
  /** Numbers of the newest issues that have this label. */
  labelled(place: string, label: string): Promise<Told<readonly number[]>>;
}

export interface Issuing {
  readonly settings: TriageConfig;
  readonly port: IssuePort;
}
