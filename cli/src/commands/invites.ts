// Invites: list, revoke and accept.
import { askSecret } from '../ask-secret.ts';
import { choose } from '../choose.ts';
import { type Args, arg, type Command, type Context, command, type Flags } from '../command.ts';
import { confirm, yesOption } from '../confirm.ts';
import { commandLine } from '../output/command-line.ts';
import { fixedColumn } from '../output/table.ts';
import { personNames } from '../person-names.ts';
import { serverIn } from '../resolve-server.ts';

async function list(context: Context & Args<'server'>): Promise<void> {
  const { output } = context;
  const { api, id } = await serverIn(context);
  const { invites } = await api('GET /servers/:id/invites', { params: { id } });
  const makers = invites.map(({ createdBy }) => ({ userId: createdBy, serverId: id }));
  const personOf = await personNames(context, api, makers);
  output.result({ invites }, () =>
    output.table(
      ['INVITE', fixedColumn('ROLE'), 'MADE BY', 'MADE', 'UNTIL'],
      invites.map((one) => [one.id, one.role, personOf(one.createdBy), one.createdAt, one.expiresAt]),
      'No invites.',
    ),
  );
}

async function revoke(context: Context & Args<'server' | 'invite'> & Flags<'yes'>): Promise<void> {
  const { api, id, name } = await serverIn(context);
  const { invites } = await api('GET /servers/:id/invites', { params: { id } });
  const invite = choose(invites, arg(context, 'invite'), {
    singular: 'invite',
    plural: 'invites',
    where: ` to ${name}`,
    id: (one) => one.id,
    names: (one) => [one.id],
    list: commandLine('buoy', 'access', 'invites', 'list', id),
  });
  await confirm(context, `Revoke the invite ${invite.id} to ${name}? Its link stops working.`);
  await api('DELETE /servers/:id/invites/:inviteId', { params: { id, inviteId: invite.id } });
  context.output.result({ revoked: invite.id }, () => context.output.line(`Revoked ${invite.id}.`));
}

/** Extracts the code, which follows the `#`, from a whole link. */
function codeIn(typed: string): string {
  return /#code=([\w-]+)/.exec(typed)?.[1] ?? typed.trim();
}

async function accept(context: Context): Promise<void> {
  const api = context.api();
  const code = codeIn(await askSecret(context, 'Invite link'));
  const { server } = await api('POST /invites/accept', { body: { code } });
  context.output.result({ server }, () =>
    context.output.line(`You are now ${server.role} of ${server.name} (${server.id}).`),
  );
}

export const inviteCommands: readonly Command[] = [
  command({
    name: 'access invites list',
    summary: 'List the invites to a server that can still be used',
    args: ['server'],
    run: list,
  }),
  command({
    name: 'access invites revoke',
    summary: 'Revoke an invite before it is used',
    args: ['server', 'invite'],
    options: { yes: yesOption },
    run: revoke,
  }),
  command({
    name: 'access accept',
    summary: 'Accept an invite link: asked for, or read from standard input',
    run: accept,
  }),
];
