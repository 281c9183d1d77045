// Who may do what on a server.
import { arg, type Command, type Context, numberOption, UsageError } from '../command.ts';
import { confirm, yesOption } from '../confirm.ts';
import { serverIn } from '../resolve-server.ts';

const LONGEST_INVITE_H = 168;

function roleIn(context: Context): 'admin' | 'viewer' {
  const role = arg(context, 'role');
  if (role !== 'admin' && role !== 'viewer') throw new UsageError(`ROLE is admin or viewer, not "${role}".`);
  return role;
}

async function list(context: Context): Promise<void> {
  const { output } = context;
  const { api, id } = await serverIn(context);
  const { members } = await api('GET /servers/:id/access', { params: { id } });
  output.result({ members }, () =>
    output.table(
      ['USER', 'NAME', 'ROLE', 'GRANTED BY', 'SINCE'],
      members.map((one) => [
        one.userId,
        one.username ?? one.firstName,
        one.role,
        one.grantedBy,
        one.createdAt,
      ]),
    ),
  );
}

async function grant(context: Context): Promise<void> {
  const { api, id, name } = await serverIn(context);
  const body = { userId: arg(context, 'user'), role: roleIn(context) };
  const answer = await api('POST /servers/:id/access', { params: { id }, body });
  context.output.result(answer, () => context.output.line(`${body.userId} is now ${body.role} of ${name}.`));
}

async function change(context: Context): Promise<void> {
  const { api, id, name } = await serverIn(context);
  const [userId, role] = [arg(context, 'user'), roleIn(context)];
  const answer = await api('PUT /servers/:id/access/:userId', { params: { id, userId }, body: { role } });
  context.output.result(answer, () => context.output.line(`${userId} is now ${role} of ${name}.`));
}

async function revoke(context: Context): Promise<void> {
  const { api, id, name } = await serverIn(context);
  const userId = arg(context, 'user');
  await confirm(context, `Take away the access of ${userId} to ${name}?`);
  await api('DELETE /servers/:id/access/:userId', { params: { id, userId } });
  context.output.result({ revoked: userId }, () => context.output.line(`${userId} sees ${name} no more.`));
}

async function invite(context: Context): Promise<void> {
  const { api, id } = await serverIn(context);
  const expiresInH = numberOption(context, 'hours', 1, LONGEST_INVITE_H);
  const answer = await api('POST /servers/:id/invites', {
    params: { id },
    body: { role: roleIn(context), ...(expiresInH === undefined ? {} : { expiresInH }) },
  });
  const { url, expiresAt } = answer.invite;
  context.output.result(answer, () => {
    context.output.line(new URL(url, context.profile().url).href);
    context.output.note(`For one person, once, until ${expiresAt}.`);
  });
}

async function transfer(context: Context): Promise<void> {
  const { api, id, name } = await serverIn(context);
  const userId = arg(context, 'user');
  await confirm(context, `Make ${userId} the owner of ${name}? You stay as admin.`);
  const answer = await api('POST /servers/:id/transfer', { params: { id }, body: { userId } });
  context.output.result(answer, () => context.output.line(`${userId} owns ${name} now.`));
}

export const accessCommands: readonly Command[] = [
  { name: 'access list', summary: 'Who may do what on a server', args: ['server'], run: list },
  {
    name: 'access grant',
    summary: 'Let a person in, by user id',
    args: ['server', 'user', 'role'],
    run: grant,
  },
  {
    name: 'access change',
    summary: 'Another role for a person',
    args: ['server', 'user', 'role'],
    run: change,
  },
  {
    name: 'access revoke',
    summary: 'Take the access of a person away, open streams included',
    args: ['server', 'user'],
    options: { yes: yesOption },
    run: revoke,
  },
  {
    name: 'access invite',
    summary: 'A link that lets one person in once',
    args: ['server', 'role'],
    options: {
      hours: { type: 'string', value: 'HOURS', summary: 'Good for so long; 24 unless told, at most 168' },
    },
    run: invite,
  },
  {
    name: 'access transfer',
    summary: 'Make somebody else the owner',
    args: ['server', 'user'],
    options: { yes: yesOption },
    run: transfer,
  },
];
