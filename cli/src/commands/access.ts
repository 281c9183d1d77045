// Members of a server and their roles.
import type { Member } from '@buoy/contract';
import { choose, type Kind, withId } from '../choose.ts';
import {
  type Args,
  arg,
  type Command,
  type Context,
  command,
  type Flags,
  numberOption,
  type Texts,
  UsageError,
} from '../command.ts';
import { confirm, confirmNamed, yesOption } from '../confirm.ts';
import { commandLine } from '../output/command-line.ts';
import { fixedColumn } from '../output/table.ts';
import { personNames } from '../person-names.ts';
import { serverIn } from '../resolve-server.ts';

const MAX_INVITE_H = 168;

function roleIn(context: Context & Args<'role'>): 'admin' | 'viewer' {
  const role = arg(context, 'role');
  if (role !== 'admin' && role !== 'viewer') throw new UsageError(`ROLE is admin or viewer, not "${role}".`);
  return role;
}

async function list(context: Context & Args<'server'>): Promise<void> {
  const { output } = context;
  const { api, id } = await serverIn(context);
  const { members } = await api('GET /servers/:id/access', { params: { id } });
  const grants = members.map(({ grantedBy }) => ({ userId: grantedBy, serverId: id }));
  const personOf = await personNames(context, api, grants);
  output.result({ members }, () =>
    output.table(
      ['USER', 'NAME', fixedColumn('ROLE'), 'GRANTED BY', 'SINCE'],
      members.map((one) => [
        one.userId,
        one.username ?? one.firstName,
        one.role,
        personOf(one.grantedBy),
        one.createdAt,
      ]),
    ),
  );
}

async function grant(context: Context & Args<'server' | 'user' | 'role'>): Promise<void> {
  const body = { userId: arg(context, 'user'), role: roleIn(context) };
  const { api, id, name } = await serverIn(context);
  const answer = await api('POST /servers/:id/access', { params: { id }, body });
  context.output.result(answer, () => context.output.line(`${body.userId} is now ${body.role} of ${name}.`));
}

const memberKind = ({ id, name }: { id: string; name: string }): Kind<Member> => ({
  singular: 'member',
  plural: 'members',
  where: ` of ${name}`,
  id: ({ userId }) => userId,
  names: ({ username, firstName }) => [username, firstName],
  list: commandLine('buoy', 'access', 'list', id),
  isPerson: true,
});

/** "anna (123)", or the id of a person without a name. */
function named({ userId, username, firstName }: Member): string {
  return withId(username ?? firstName ?? userId, userId);
}

/** Resolves the arguments SERVER and USER to the server and one of its members. */
async function memberIn(context: Context & Args<'server' | 'user'>) {
  const { api, id, name } = await serverIn(context);
  const { members } = await api('GET /servers/:id/access', { params: { id } });
  const member = choose(members, arg(context, 'user').replace(/^@/, ''), memberKind({ id, name }));
  return { api, id, name, userId: member.userId, who: named(member) };
}

async function change(context: Context & Args<'server' | 'user' | 'role'> & Flags<'yes'>): Promise<void> {
  const role = roleIn(context);
  const { api, id, name, userId, who } = await memberIn(context);
  await confirmNamed(context, { id: userId, word: 'user', question: `Make ${who} ${role} of ${name}?` });
  const answer = await api('PUT /servers/:id/access/:userId', { params: { id, userId }, body: { role } });
  context.output.result(answer, () => context.output.line(`${who} is now ${role} of ${name}.`));
}

async function revoke(context: Context & Args<'server' | 'user'> & Flags<'yes'>): Promise<void> {
  const { api, id, name, userId, who } = await memberIn(context);
  await confirm(context, `Revoke the access of ${who} to ${name}?`);
  await api('DELETE /servers/:id/access/:userId', { params: { id, userId } });
  context.output.result({ revoked: userId }, () =>
    context.output.line(`${who} no longer has access to ${name}.`),
  );
}

async function leave(context: Context & Args<'server'> & Flags<'yes'>): Promise<void> {
  const { api, id, name } = await serverIn(context);
  const { user } = await api('GET /me');
  await confirm(context, `Leave ${name} (${id})? Only its owner can give you access again.`);
  await api('DELETE /servers/:id/access/:userId', { params: { id, userId: user.id } });
  context.output.result({ left: id }, () => context.output.line(`You no longer have access to ${name}.`));
}

async function invite(context: Context & Args<'server' | 'role'> & Texts<'hours'>): Promise<void> {
  const role = roleIn(context);
  const expiresInH = numberOption(context, 'hours', 1, MAX_INVITE_H);
  const { api, id } = await serverIn(context);
  const answer = await api('POST /servers/:id/invites', {
    params: { id },
    body: { role, ...(expiresInH === undefined ? {} : { expiresInH }) },
  });
  const { url, expiresAt } = answer.invite;
  context.output.result(answer, () => {
    context.output.line(new URL(url, context.profile().url).href);
    context.output.note(`Works once, for one person, until ${expiresAt}.`);
  });
}

/** Takes only a whole name or id, since ownership is at stake; the new owner need not be a member yet. */
async function transfer(context: Context & Args<'server' | 'user'> & Flags<'yes'>): Promise<void> {
  const { api, id, name } = await serverIn(context);
  const wanted = arg(context, 'user').replace(/^@/, '');
  const { members } = await api('GET /servers/:id/access', { params: { id } });
  const isNamed = members.some(
    ({ userId, username }) => userId === wanted || username?.toLowerCase() === wanted.toLowerCase(),
  );
  const member = isNamed ? choose(members, wanted, memberKind({ id, name })) : undefined;
  const userId = member?.userId ?? wanted;
  const who = member === undefined ? userId : named(member);
  await confirm(context, `Make ${who} the owner of ${name}? You stay as admin.`);
  const answer = await api('POST /servers/:id/transfer', { params: { id }, body: { userId } });
  context.output.result(answer, () => context.output.line(`${who} now owns ${name}.`));
}

export const accessCommands: readonly Command[] = [
  command({
    name: 'access list',
    summary: 'List who has access to a server, and their roles',
    args: ['server'],
    run: list,
  }),
  command({
    name: 'access grant',
    summary: 'Give a person access, by user id',
    args: ['server', 'user', 'role'],
    run: grant,
  }),
  command({
    name: 'access change',
    summary: 'Change the role of a member',
    args: ['server', 'user', 'role'],
    options: { yes: yesOption },
    run: change,
  }),
  command({
    name: 'access revoke',
    summary: 'Revoke the access of a member; open streams end too',
    args: ['server', 'user'],
    options: { yes: yesOption },
    run: revoke,
  }),
  command({
    name: 'access leave',
    summary: 'Give up your own access to a server of another person',
    args: ['server'],
    options: { yes: yesOption },
    run: leave,
  }),
  command({
    name: 'access invite',
    summary: 'Create an invite link that works once, for one person',
    args: ['server', 'role'],
    options: {
      hours: {
        type: 'string',
        value: 'HOURS',
        summary: 'Valid for this many hours (default 24, at most 168)',
      },
    },
    run: invite,
  }),
  command({
    name: 'access transfer',
    summary: 'Make someone else the owner; you stay as admin',
    args: ['server', 'user'],
    options: { yes: yesOption },
    run: transfer,
  }),
];
