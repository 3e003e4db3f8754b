import { Level, topicOf, type Message, type MessageKind, type MessageRule, type QuietHours } from "@prunella/contract";

/** What came of handing a message over. Texts are our own. */
export type Sent =
  | { readonly kind: "sent" }
  /** Worth another try; not before so long when the other end says so. */
  | { readonly kind: "later"; readonly error: string; readonly afterMs: number | null }
  /** It would be the same the next time. */
  | { readonly kind: "refused"; readonly error: string };

export interface ChannelSpec {
  readonly name: string;
  readonly perHour: number;
  readonly quiet: QuietHours | null;
  /** Whether a later message of a thread takes the place of an earlier one there; elsewhere each would be one more. */
  readonly showsChanges: boolean;
  /** Mail is audited by itself. */
  readonly isMail: boolean;
}

/** The ways to people, read anew each time: the configuration may change. */
export interface Channels {
  list(): readonly ChannelSpec[];
  rules(): readonly MessageRule[];
  /** Bounded in time. The same message may come twice, with the same id. */
  send(channel: string, message: Message): Promise<Sent>;
}

export const NO_CHANNELS: Channels = {
  list: () => [],
  rules: () => [],
  send: async () => ({ kind: "refused", error: "there is no such channel" }),
};

/** Levels stand worst first. */
const isAtLeast = (level: Level, least: Level): boolean => Level.options.indexOf(level) <= Level.options.indexOf(least);

interface Routed {
  readonly kind: MessageKind;
  readonly project_id: string;
  readonly subject: string;
  readonly level: Level;
}

/** Where a message goes. Without rules all but what did not help goes everywhere. */
export function goesTo(channels: Channels, { kind, project_id: project, subject, level }: Routed): ChannelSpec[] {
  const topic = topicOf(kind);
  // A test goes to the channel that it is about.
  if (topic === null) return channels.list().filter(({ name }) => name === subject);
  const rules = channels.rules();
  const isUsual = topic !== "attempt_ineffective";
  const holds = (rule: MessageRule): boolean =>
    (rule.of === null ? isUsual : rule.of.includes(topic)) &&
    (rule.projects === null || rule.projects.includes(project)) &&
    isAtLeast(level, rule.min_level);
  return channels.list().filter(({ name, showsChanges }) => {
    if (kind === "escalation_changed" && !showsChanges) return false;
    return rules.length === 0 ? isUsual : rules.some((rule) => rule.channels.includes(name) && holds(rule));
  });
}

/** Until when a message waits because people sleep; null when it does not. */
export function quietUntil(
  now: number,
  { quiet }: Pick<ChannelSpec, "quiet">,
  { kind, level }: { readonly kind: MessageKind | "digest"; readonly level: Level },
): number | null {
  if (quiet === null || kind === "test" || isAtLeast(level, "error")) return null;
  if (quiet.escalations && kind !== "digest" && topicOf(kind) === "escalation") return null;
  const at = minuteIn(now, quiet.time_zone);
  const [from, to] = [minutes(quiet.from), minutes(quiet.to)];
  const isQuiet = from <= to ? at >= from && at < to : at >= from || at < to;
  if (!isQuiet) return null;
  const left = (to - at + DAY) % DAY;
  // To the minute; where the clock is set forward or back in between, it is looked at again then.
  return now - (now % 60_000) + left * 60_000;
}

const DAY = 1_440;

function minutes(time: string): number {
  const [hour = "0", minute = "0"] = time.split(":");
  return Number(hour) * 60 + Number(minute);
}

function minuteIn(now: number, timeZone: string): number {
  const shown = new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  return minutes(shown.format(now));
}
