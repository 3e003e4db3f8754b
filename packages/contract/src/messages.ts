import { z } from "zod";
import { Level } from "./event.ts";
import { Decision } from "./healing.ts";
import { Millis, ProjectId, Uuid } from "./ids.ts";

/** What people are told of without asking. */
export const MessageKind = z.enum([
  "escalation_opened",
  "escalation_changed",
  "escalation_reminded",
  "escalation_resolved",
  "fault_new",
  "fault_regressed",
  "sprint_opened",
  "attempt_ineffective",
  "envelope_demoted",
  "investigation",
  "test",
]);
export type MessageKind = z.infer<typeof MessageKind>;

/** What rules name: an escalation is one thing from its opening to its end. */
export const MessageTopic = z.enum([
  "escalation",
  "fault_new",
  "fault_regressed",
  "sprint_opened",
  "attempt_ineffective",
  "envelope_demoted",
  "investigation",
]);
export type MessageTopic = z.infer<typeof MessageTopic>;

export const topicOf = (kind: MessageKind): MessageTopic | null =>
  kind === "test"
    ? null
    : kind === "escalation_opened" ||
        kind === "escalation_changed" ||
        kind === "escalation_reminded" ||
        kind === "escalation_resolved"
      ? "escalation"
      : kind;

const Line = z.string().max(2_000);

/**
 * One message, as a webhook gets it; other channels write the same in their own form. Its text is scrubbed,
 * and may be an attacker's all the same: whoever shows it must not obey it.
 */
export const Message = z.strictObject({
  v: z.literal(1),
  /** The same each time that it is sent: what was seen before need not be shown again. */
  id: z.string().max(200),
  kind: z.union([MessageKind, z.literal("digest")]),
  /** null: of several projects, or of none. */
  project: ProjectId.nullable(),
  level: Level,
  /** The fault that it is about, if any: a channel that has threads keeps one for each fault. */
  fault: Uuid.nullable(),
  /** Equal for what belongs together; null: it stands alone. */
  thread: z.string().max(200).nullable(),
  /** Of the thread: a later one takes the place of an earlier one where the reader can do that. */
  revision: z.int().min(0),
  state: z.enum(["open", "resolved", "information"]),
  title: Line,
  /** In the order in which they are read. */
  sections: z.array(z.strictObject({ title: Line, lines: z.array(Line).max(50) })).max(20),
  question: z
    .strictObject({
      text: Line,
      choices: z.array(z.strictObject({ name: Decision, label: Line, promise: Line })),
      default: Decision,
      /** When that is taken if nobody decides. */
      at: Millis,
    })
    .nullable(),
  links: z.array(z.strictObject({ title: Line, url: z.string().max(2_000) })).max(10),
});
export type Message = z.infer<typeof Message>;

/** How far a message has come on a channel. `digest`: over the hour's bound, to be told in one; `digested`: that was done. */
export const DeliveryState = z.enum(["waiting", "sent", "failed", "digest", "digested", "superseded"]);
export type DeliveryState = z.infer<typeof DeliveryState>;

export const Delivery = z.strictObject({
  message_id: z.string(),
  channel: z.string(),
  /** `*`: of several projects, or of none. */
  project_id: z.string(),
  kind: z.union([MessageKind, z.literal("digest")]),
  /** The id of what it speaks of. */
  subject: z.string(),
  level: Level,
  state: DeliveryState,
  told_at: Millis,
  /** When it is tried next. */
  due_at: Millis,
  sent_at: Millis.nullable(),
  tries: z.int().min(0),
  /** Of the last try, in our own words; null when there is none. */
  error: z.string().nullable(),
});
export type Delivery = z.infer<typeof Delivery>;

export const ChannelKind = z.enum(["webhook", "slack", "email", "command"]);
const ChannelName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, "a channel is 1 to 40 of a-z, 0-9 and -, such as on-call");

/** Between two times of the day; over midnight when the first is later. */
const Clock = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, "a time is HH:MM, such as 22:00");
export const QuietHours = z.strictObject({
  from: Clock.meta({ description: "When they begin, such as `22:00`." }),
  to: Clock.meta({ description: "When they end, such as `07:00`." }),
  time_zone: z
    .string()
    .refine(isTimeZone, "a time zone has a name, such as Europe/Vienna")
    .default("UTC")
    .meta({ description: "Where the clock hangs, such as `Europe/Vienna`." }),
  escalations: z.boolean().default(true).meta({
    description: "Whether escalations come through whatever their level. Off: those below `error` wait as well.",
  }),
});
export type QuietHours = z.infer<typeof QuietHours>;

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** Where a secret is, so that it stands in no file that is shared. */
export const SecretPlace = z.union(
  [
    z.strictObject({
      env: z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
        .meta({ description: "Name in the environment of the server." }),
    }),
    z.strictObject({
      file: z.string().min(1).meta({ description: "File that holds it, relative to the configuration file." }),
    }),
  ],
  { error: "a secret stands elsewhere: {env: NAME} or {file: path}" },
);
export type SecretPlace = z.infer<typeof SecretPlace>;

const LOOPBACK = /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/;
/** An address in the clear: https, or http on this machine, and no password in it. */
const Address = z
  .url({ protocol: /^https?$/, error: "an address begins with https://, or with http:// on this machine" })
  .refine(
    (url) => {
      const { protocol, hostname, username, password } = new URL(url);
      return username === "" && password === "" && (protocol === "https:" || LOOPBACK.test(hostname));
    },
    { error: "only this machine is reached by http://, and an address holds no password" },
  );
const LocalAddress = Address.refine((url) => LOOPBACK.test(new URL(url).hostname), {
  error: "whoever has this address can post: it stands elsewhere, {env: NAME} or {file: path}",
});

const common = {
  name: ChannelName.meta({ description: "What it is called." }),
  per_hour: z.int().min(1).max(10_000).default(30).meta({
    description:
      "At most so many messages in each hour of the clock; a quarter of them is kept for escalations. What is over comes in one digest when the hour ends.",
    "x-unit": "messages an hour",
  }),
  quiet: QuietHours.nullable().default(null).meta({ description: "When messages below `error` wait; null: never." }),
};

export const Channel = z.discriminatedUnion("kind", [
  z.strictObject({
    ...common,
    kind: z.literal("webhook"),
    url: z.union([Address, SecretPlace]).meta({ description: "Address that each message is posted to as JSON." }),
    secret: SecretPlace.nullable().default(null).meta({
      description: "What it is signed with, of at least 16 characters; see docs/messages.md. null: it is not signed.",
    }),
    template: z
      .record(z.string().max(200), z.union([z.string().max(4_000), z.number(), z.boolean(), z.null()]))
      .nullable()
      .default(null)
      .meta({
        description:
          "The JSON object that is posted instead, for receivers with a form of their own: `{{title}}`, `{{text}}`, `{{url}}`, `{{state}}`, `{{level}}`, `{{project}}`, `{{kind}}` and `{{id}}` in its texts are filled in.",
      }),
  }),
  z.strictObject({
    ...common,
    kind: z.literal("slack"),
    url: z
      .union([LocalAddress, SecretPlace])
      .meta({ description: "Its incoming webhook; also of Mattermost, or Discord's address with `/slack` behind it." }),
  }),
  z.strictObject({
    ...common,
    kind: z.literal("email"),
    host: z
      .string()
      .regex(/^[A-Za-z0-9.:-]{1,253}$/)
      .meta({ description: "SMTP server." }),
    port: z.int().min(1).max(65_535).default(587).meta({ description: "Its port." }),
    tls: z.enum(["starttls", "tls", "none"]).default("starttls").meta({
      description:
        "How it is spoken with: `starttls` is required, `tls` from the first byte, `none` to this machine alone.",
    }),
    user: z.string().max(300).nullable().default(null).meta({ description: "Name to sign in with; null: none." }),
    password: SecretPlace.nullable().default(null).meta({ description: "Password to sign in with." }),
    from: z.email().meta({ description: "Address that they come from." }),
    to: z.array(z.email()).min(1).max(50).meta({ description: "Addresses that they go to." }),
  }),
  z.strictObject({
    ...common,
    kind: z.literal("command"),
    command: z.array(z.string().min(1).max(1_000)).min(1).max(64).meta({
      description: "Program and arguments, without a shell; the message comes as JSON on its input.",
    }),
  }),
]);
export type Channel = z.infer<typeof Channel>;

export const MessageRule = z.strictObject({
  channels: z.array(ChannelName).min(1).meta({ description: "Where it goes." }),
  of: z.array(MessageTopic).min(1).nullable().default(null).meta({
    description: "Of what; null: escalations, sprints, investigations, and faults that are new or back.",
  }),
  projects: z
    .array(ProjectId)
    .min(1)
    .nullable()
    .default(null)
    .meta({ description: "Of these projects; null: of all." }),
  min_level: Level.default("debug").meta({ description: "At least this severe." }),
});
export type MessageRule = z.infer<typeof MessageRule>;

export const NotifyConfig = z
  .strictObject({
    channels: z.array(Channel).max(50).default([]).meta({ description: "Ways to reach people. None: nobody is told." }),
    rules: z.array(MessageRule).max(200).default([]).meta({
      description: "What goes where. None: all but attempts that did not help goes to every channel.",
    }),
  })
  .superRefine(({ channels, rules }, context) => {
    const names = channels.map(({ name }) => name);
    for (const [at, name] of names.entries())
      if (names.indexOf(name) < at)
        context.addIssue({ code: "custom", path: ["channels", at, "name"], message: "another channel has this name" });
    for (const [at, rule] of rules.entries())
      for (const name of rule.channels)
        if (!names.includes(name))
          context.addIssue({
            code: "custom",
            path: ["rules", at, "channels"],
            message: `there is no channel ${name}; there are ${names.join(", ") || "none"}`,
          });
    for (const [at, channel] of channels.entries())
      if (channel.kind === "email" && channel.tls === "none" && !LOOPBACK.test(channel.host) && channel.host !== "::1")
        context.addIssue({
          code: "custom",
          path: ["channels", at, "tls"],
          message: "only this machine is spoken with in the clear",
        });
  });
export type NotifyConfig = z.infer<typeof NotifyConfig>;
