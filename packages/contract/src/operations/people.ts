import { z } from "zod";
import { Actor } from "../healing.ts";
import { Millis, ProjectId, Uuid } from "../ids.ts";
import { Mail, Person, PersonName, Role } from "../people.ts";
import { Nothing, operation } from "./operation.ts";

/** Of people: the id, or the name as they type it. */
const ByPerson = z.strictObject({ id: z.string().min(1).max(80) });

export const PersonQuery = z.strictObject({
  project: ProjectId.optional(),
  cursor: PersonName.optional(),
  limit: z.coerce.number<string | number>().int().min(1).max(500).default(200),
});
export const PersonPage = z.strictObject({ people: z.array(Person), next: z.string().nullable() });

export const NewPerson = z.strictObject({
  name: PersonName,
  email: Mail.optional(),
  role: Role,
  /** Left out: in every project, and over what belongs to none. */
  project: ProjectId.optional(),
});
/** Told once; whoever opens it is that person. */
export const Invited = z.strictObject({ person: Person, url: z.string(), expires_at: Millis });

export const RoleBody = z.strictObject({
  /** null: none there any more. */
  role: Role.nullable(),
  project: ProjectId.optional(),
});

export const Invitation = z.strictObject({
  id: Uuid,
  person: z.strictObject({ id: Uuid, name: PersonName }),
  created_at: Millis,
  created_by: Actor,
  expires_at: Millis,
});
export type Invitation = z.infer<typeof Invitation>;

export const PEOPLE = {
  list_people: operation({
    method: "GET",
    path: "/v1/people",
    query: PersonQuery,
    output: PersonPage,
    status: 200,
    who: "owner",
    within: "project",
    effect: "read",
    summary: "people by name, with their roles",
  }),
  list_names: operation({
    method: "GET",
    path: "/v1/people/names",
    output: z.strictObject({ people: z.array(z.strictObject({ id: Uuid, name: PersonName })) }),
    status: 200,
    who: "viewer",
    within: "project",
    effect: "read",
    summary: "whom the ids of the ledger and of decisions stand for; those who were removed too",
  }),
  add_person: operation({
    method: "POST",
    path: "/v1/people",
    body: NewPerson,
    output: Invited,
    status: 201,
    who: "owner",
    within: "project",
    effect: "decide",
    summary: "somebody new, with a role and an invitation for seven days",
  }),
  set_role: operation({
    method: "POST",
    path: "/v1/people/:id/role",
    params: ByPerson,
    body: RoleBody,
    output: z.strictObject({ person: Person }),
    status: 200,
    who: "owner",
    within: "project",
    effect: "decide",
    summary: "what a person may from now on, in one project or in all",
  }),
  invite_person: operation({
    method: "POST",
    path: "/v1/people/:id/invitation",
    params: ByPerson,
    output: Invited,
    status: 201,
    who: "owner",
    within: "all",
    effect: "decide",
    summary: "a fresh link for somebody who cannot get in; earlier ones are withdrawn",
  }),
  remove_person: operation({
    method: "DELETE",
    path: "/v1/people/:id",
    params: ByPerson,
    output: Nothing,
    status: 204,
    who: "owner",
    within: "all",
    effect: "act",
    summary: "sessions, tokens, roles and ways to sign in end at once; the name stays with what they did",
  }),
  list_invitations: operation({
    method: "GET",
    path: "/v1/invitations",
    output: z.strictObject({ invitations: z.array(Invitation), next: z.null() }),
    status: 200,
    who: "owner",
    within: "all",
    effect: "read",
    summary: "those that nobody has opened yet",
  }),
  withdraw_invitation: operation({
    method: "DELETE",
    path: "/v1/invitations/:id",
    params: z.strictObject({ id: Uuid }),
    output: Nothing,
    status: 204,
    who: "owner",
    within: "all",
    effect: "decide",
    summary: "its link is worth nothing any more",
  }),
} as const;
