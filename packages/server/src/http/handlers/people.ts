import type { PEOPLE } from "@prunella/contract/operations";
import type { Context, Handlers } from "../handler.ts";

const linkOf = ({ url }: Context, code: string): string => `${url()}/invitation#code=${code}`;

export const people: Handlers<typeof PEOPLE> = {
  list_people: ({ project, cursor, limit }, { kernel, sees }) =>
    kernel.access.listPeople({
      sees,
      limit,
      ...(project === undefined ? {} : { project }),
      ...(cursor === undefined ? {} : { cursor }),
    }),
  list_names: async (_input, { kernel }) => ({ people: await kernel.access.listNames() }),
  async add_person({ name, email, role, project }, context) {
    const { person, code, expiresAt } = await context.kernel.access.addPerson({
      name,
      email: email?.toLowerCase() ?? null,
      role,
      project: project ?? null,
      by: context.by,
    });
    return { person, url: linkOf(context, code), expires_at: expiresAt };
  },
  async set_role({ id, role, project }, { kernel, by, sees }) {
    const { access } = kernel;
    const { id: personId } = await access.findPerson(id);
    await access.setRole(personId, { project: project ?? null, role, by });
    const person = await access.findPerson(personId);
    const roles = person.roles.filter(
      (each) => sees === null || (each.project !== null && sees.includes(each.project)),
    );
    return { person: { ...person, roles } };
  },
  async invite_person({ id }, context) {
    const { access } = context.kernel;
    const person = await access.findPerson(id);
    const { code, expiresAt } = await access.invite(person.id, context.by);
    return { person, url: linkOf(context, code), expires_at: expiresAt };
  },
  async remove_person({ id }, { kernel, by, streams }) {
    const { access } = kernel;
    const person = await access.findPerson(id);
    const sessions = await access.listSessions(person.id, null);
    await access.removePerson(person.id, by);
    for (const session of sessions) streams.end(session.id);
  },
  list_invitations: async (_input, { kernel }) => ({ invitations: await kernel.access.listInvitations(), next: null }),
  withdraw_invitation: ({ id }, { kernel }) => kernel.access.withdrawInvitation(id),
};
