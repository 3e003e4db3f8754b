import { z } from "zod";

/**
 * What an author wrote and a terminal or a page shows: one line, without what moves a cursor or turns the
 * direction of a line around.
 */
export const line = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .regex(/^[^\p{Cc}\u200b-\u200f\u2028-\u202e\u2060-\u206f]+$/u, "one line of text without control characters");

export const PluginName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{1,62}[a-z0-9]$/, "a plugin's name is 3 to 64 of a-z, 0-9 and -, such as github-pr-ops");

export const CommandName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, "a command's name is 1 to 64 of a-z, 0-9 and -, such as review");

/**
 * Words of the command line that are the core's, now or soon: no plugin takes one as its namespace. A test holds
 * the commands that there are in this list.
 */
export const RESERVED_NAMESPACES: readonly string[] =
  `agent agents approvals approve attempts autofix away backup complete completion config core crash decide doctor drill envelopes erase escalations events explain fault faults fix fixes forge gate github grants heartbeats help hook invitations issue issues kernel kill ledger logs loop loops maintenance merge migrate model models mute notify ouroboros pause people permits plugin plugins probes programs projects promote prunella rehearse reload reopen repair resolve restart restore resume review rules run scrub seed seeds sessions sign-in sourcemaps sprints start status stop telemetry timeline tokens triggers unkill unmerge up version views why`.split(
    " ",
  );
