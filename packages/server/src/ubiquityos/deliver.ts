import { parseJson } from "@prunella/contract/json";
import { z } from "zod";

const Who = z.object({ login: z.string(), type: z.string().optional() });
const Numbered = z.object({ number: z.int() });

/** As much of a host's event as decides where it goes. */
const Payload = z.looseObject({
  action: z.string().max(100).optional(),
  repository: z.object({ name: z.string(), full_name: z.string(), owner: z.object({ login: z.string() }) }).optional(),
  sender: Who.optional(),
  issue: Numbered.optional(),
  pull_request: Numbered.optional(),
  comment: z.object({ id: z.int(), body: z.string().nullish(), user: Who.nullish() }).optional(),
  client_payload: z.unknown().optional(),
});

/** A delivery as it goes on, and as it is kept until it has. */
export const Told = z.strictObject({
  delivery: z.strictObject({
    id: z.string(),
    event: z.string(),
    payload: z.unknown(),
    owner: z.string().nullable(),
    repo: z.string().nullable(),
    issueOrPr: z.int().nullable(),
    actor: z.string().nullable(),
    isByBot: z.boolean(),
    comment: z.strictObject({ id: z.int(), body: z.string(), authorType: z.string() }).nullable(),
  }),
  /** What a workflow sends back when it is done. */
  clientPayload: z.unknown().optional(),
});
export type Told = z.infer<typeof Told>;

/** Null where it is no event that has a name and an object for a body. */
export function readDelivery(id: string, name: string, body: string): Told | null {
  const value = parseJson(body);
  const read = Payload.safeParse(value);
  if (!read.success || !/^[a-z0-9_]{1,60}$/.test(name)) return null;
  const { action, repository, sender, issue, pull_request: change, comment, client_payload: clientPayload } = read.data;
  const isBot = (who: z.infer<typeof Who> | null | undefined) => who?.type === "Bot";
  return {
    clientPayload,
    delivery: {
      id,
      event: action === undefined ? name : `${name}.${action}`,
      payload: value,
      owner: repository?.owner.login ?? null,
      repo: repository?.full_name ?? null,
      issueOrPr: issue?.number ?? change?.number ?? null,
      actor: sender?.login ?? null,
      isByBot: isBot(sender),
      comment:
        comment === undefined
          ? null
          : {
              id: comment.id,
              body: comment.body ?? "",
              authorType: comment.user?.type ?? (isBot(sender) ? "Bot" : "User"),
            },
    },
  };
}
