import { z } from "zod";
import type { PullFile } from "./pull.ts";

/** A file of a pull request, as both hosts tell it but for one word. */
export const ChangedFile = z.object({
  filename: z.string(),
  previous_filename: z.string().optional(),
  status: z.string(),
  additions: z.int(),
  deletions: z.int(),
});

/** GitHub says `removed` and `modified` or `changed`; Gitea says `deleted` and `changed`. */
const STATUS: Readonly<Record<string, PullFile["status"]>> = {
  added: "added",
  removed: "removed",
  deleted: "removed",
  modified: "modified",
  changed: "modified",
  renamed: "renamed",
};

export const toPullFile = (file: z.infer<typeof ChangedFile>): PullFile => ({
  path: file.filename,
  before: file.previous_filename ?? null,
  status: STATUS[file.status] ?? "other",
  additions: file.additions,
  deletions: file.deletions,
});
