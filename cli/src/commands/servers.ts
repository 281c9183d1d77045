// Commands to list, add, change, test and remove servers.
import type { NewServer, Server, ServerChange } from '@buoy/contract';
import {
  type Args,
  arg,
  type Command,
  type Context,
  choiceOption,
  command,
  type Flags,
  type Given,
  isSet,
  type Lists,
  type Texts,
  textOption,
  textsOption,
  UsageError,
} from '../command.ts';
import { confirm, yesOption } from '../confirm.ts';
import { loginOf } from '../login-of.ts';
import { openSsh, routeTo } from '../open-ssh.ts';
import { ago } from '../output/ago.ts';
import { commandLine, quoted } from '../output/command-line.ts';
import type { Colour } from '../output/output.ts';
import { fixedColumn, wrappedColumn } from '../output/table.ts';
import { allServers, resolveServer, serverIn } from '../resolve-server.ts';
import { watched, watchOption } from '../watch.ts';
import { expectedHostKey, hostKeyOptions } from './new-host-key.ts';
import { credentialIn, fieldOptions } from './server-fields.ts';

const states = ['up', 'down', 'unreachable', 'unknown', 'maintenance', 'not_set_up'] as const;
export const stateColours: Record<Server['status']['state'], Colour> = {
  up: 'green',
  down: 'red',
  unreachable: 'red',
  unknown: 'yellow',
  maintenance: 'dim',
  not_set_up: 'dim',
};

async function list(context: Context & Texts<'search' | 'state' | 'tag'> & Flags<'watch'>): Promise<void> {
  const { output, terminal } = context;
  const state = choiceOption(context, 'state', states);
  await watched(context, async () => {
    const servers = await allServers(context.api(), {
      tag: textOption(context, 'tag'),
      q: textOption(context, 'search'),
      state,
    });
    output.result({ servers }, () => {
      if (servers.length === 0)
        return output.note('No servers. Add one: buoy servers add user@host --name NAME');
      output.table(
        [
          'NAME',
          fixedColumn('STATE'),
          fixedColumn('OPENCLAW'),
          'HOST',
          'ROLE',
          'CHECKED',
          wrappedColumn('WHY'),
        ],
        servers.map((one) => [
          one.name,
          one.status.state,
          one.openclaw.installed === false ? 'not installed' : one.openclaw.version,
          `${one.username}@${one.host}${one.port === 22 ? '' : `:${one.port}`}`,
          one.role,
          ago(one.status.checkedAt, terminal.now()),
          one.status.reasons.join(' '),
        ]),
      );
    });
  });
}

async function show(context: Context & Args<'server'>): Promise<void> {
  const server = await resolveServer(context.api(), arg(context, 'server'));
  context.output.result({ server }, () => showServer(context, server));
}

function showServer({ output, terminal }: Context, server: Server): void {
  const { status, openclaw, hostKey } = server;
  output.pairs([
    ['Name', server.name],
    ['Id', server.id],
    ['State', output.colour(stateColours[status.state], status.state)],
    ...(status.reasons.length === 0 ? [] : [['Why', status.reasons.join(' ')] as const]),
    ['Checked', ago(status.checkedAt, terminal.now())],
    ['Login', `${server.username}@${server.host}:${server.port} by ${server.authType}`],
    ['Host key', hostKey === null ? null : `${hostKey.algorithm} ${hostKey.fingerprint}`],
    ['OpenClaw', openclaw.installed === false ? 'not installed' : openclaw.version],
    ['Tags', server.tags.join(', ')],
    ['Your role', server.role],
  ]);
}

async function add(
  context: Context & Args<'login'> & Given<typeof fieldOptions & typeof hostKeyOptions>,
): Promise<void> {
  const api = context.api();
  const login = loginOf(arg(context, 'login'));
  if (textOption(context, 'key') === undefined && !isSet(context, 'password'))
    throw new UsageError(
      'How should Buoy log in? Give --key FILE or --password.',
      'See buoy servers add --help',
    );
  const jump = textOption(context, 'jump');
  const jumpServerId = jump === undefined ? null : (await resolveServer(api, jump)).id;
  const { host, port } = login;
  const expected = await expectedHostKey(context, api, { host, port, jumpServerId });
  const given = await credentialIn(context);
  const { server } = await api('POST /servers', {
    body: {
      name: textOption(context, 'name') ?? login.host,
      ...login,
      ...(given as Pick<NewServer, 'authType'>),
      tags: textsOption(context, 'tag') ?? [],
      jumpServerId,
      ...expected,
    },
  });
  context.output.result({ server }, () =>
    context.output.line(
      `Added ${server.name} (${server.id}). Test it: ${commandLine('buoy', 'servers', 'test', server.id)}`,
    ),
  );
}

type Edit = Context & Args<'server'> & Given<typeof fieldOptions & typeof hostKeyOptions> & Texts<'login'>;

async function edit(context: Edit): Promise<void> {
  const api = context.api();
  const server = await resolveServer(api, arg(context, 'server'));
  const login = textOption(context, 'login');
  const jump = textOption(context, 'jump');
  const name = textOption(context, 'name');
  const tags = textsOption(context, 'tag');
  const way: Pick<ServerChange, 'username' | 'host' | 'port' | 'jumpServerId'> = {
    ...(login === undefined ? {} : loginOf(login)),
    ...(jump === undefined ? {} : { jumpServerId: jump === '' ? null : (await resolveServer(api, jump)).id }),
  };
  const expected = await keyFor(context, server, way);
  const change: ServerChange = {
    ...(name === undefined ? {} : { name }),
    ...(tags === undefined ? {} : { tags: tags.filter((tag) => tag !== '') }),
    ...{ ...way, ...expected },
    ...(await credentialIn(context)),
  };
  if (Object.keys(change).length === 0)
    throw new UsageError('Nothing to change.', 'See buoy servers edit --help');
  const answer = await api('PUT /servers/:id', {
    params: { id: server.id },
    body: change,
    headers: { 'if-match': `"${server.version}"` },
  });
  context.output.result(answer, () => showServer(context, answer.server));
}

/** The host key for a secret that goes another way, or is another one: a server that was never reached has none that is pinned. */
async function keyFor(context: Edit, server: Server, way: ServerChange): Promise<{ hostKey?: string }> {
  const bringsSecret = textOption(context, 'key') !== undefined || isSet(context, 'password');
  const isSentAnew = server.hostKey === null && (bringsSecret || Object.keys(way).length > 0);
  if (!isSentAnew && textOption(context, 'host-key') === undefined) return {};
  const { host, port, jumpServerId } = { ...server, ...way };
  return expectedHostKey(context, context.api(), { host, port, jumpServerId, isStored: true });
}

async function test(context: Context & Args<'server'>): Promise<number | undefined> {
  const { output } = context;
  const { api, id, name } = await serverIn(context);
  const answer = await api('POST /servers/:id/test', { params: { id } });
  output.result(answer, () => {
    if (!answer.ok) {
      output.line(output.colour('red', `${name}: ${answer.failure.message}`));
      output.line(answer.failure.hint);
      if (answer.failure.kind === 'host_key_changed')
        output.line(
          `If the new key is correct: ${commandLine('buoy', 'servers', 'accept-key', id, 'FINGERPRINT')}`,
        );
      return;
    }
    const { system, openclaw, hostKey, latencyMs } = answer;
    output.pairs([
      ['Connected', `in ${Math.round(latencyMs)} ms`],
      ['System', [system.os, system.arch].filter(Boolean).join(', ')],
      ['sudo', system.sudo],
      ['systemd', system.systemd ? 'yes' : 'no'],
      ['OpenClaw', openclaw.installed ? openclaw.version : 'not installed'],
      ['Host key', `${hostKey.algorithm} ${hostKey.fingerprint}`],
    ]);
  });
  return answer.ok ? undefined : 3;
}

async function remove(context: Context & Args<'server'> & Flags<'yes'>): Promise<void> {
  const { api, id, name } = await serverIn(context);
  await confirm(context, `Remove ${name} (${id}) from Buoy? Nothing changes on the machine itself.`);
  await api('DELETE /servers/:id', { params: { id } });
  context.output.result({ removed: id }, () => context.output.line(`Removed ${name}.`));
}

async function ssh(
  context: Context & Args<'server'> & Texts<'identity'> & Lists<'forward'>,
): Promise<number> {
  const api = context.api();
  const server = await resolveServer(api, arg(context, 'server'));
  const others = server.jumpServerId === null ? [] : await allServers(api);
  const { rest, isArgv } = context;
  return openSsh(context, server, routeTo(server, others), {
    forwards: textsOption(context, 'forward') ?? [],
    identity: textOption(context, 'identity'),
    // ssh joins the words for the remote shell: after `--` each word is quoted to stay one.
    command: isArgv ? rest.map(quoted) : rest,
  });
}

async function acceptKey(context: Context & Args<'server' | 'fingerprint'> & Flags<'yes'>): Promise<void> {
  const { api, id, name } = await serverIn(context);
  const fingerprint = arg(context, 'fingerprint');
  await confirm(context, `Trust ${fingerprint} as the host key of ${name} from now on?`);
  const answer = await api('POST /servers/:id/host-key/accept', { params: { id }, body: { fingerprint } });
  context.output.result(answer, () =>
    context.output.line(`${name} is now trusted by the host key ${fingerprint}.`),
  );
}

export const serverCommands: readonly Command[] = [
  command({
    name: 'servers list',
    summary: 'List your servers and their state',
    options: {
      tag: { type: 'string', value: 'TAG', summary: 'Only servers with this tag' },
      search: {
        type: 'string',
        value: 'TEXT',
        summary: 'Only servers whose name or host contains this text',
      },
      state: {
        type: 'string',
        value: 'STATE',
        choices: states,
        summary: `Only in this state: ${states.join(', ')}`,
      },
      watch: watchOption,
    },
    run: list,
  }),
  command({ name: 'servers show', summary: 'Show one server', args: ['server'], run: show }),
  command({
    name: 'servers add',
    summary: 'Add a server: user@host, or a whole ssh command in quotes',
    args: ['login'],
    options: { ...fieldOptions, ...hostKeyOptions },
    run: add,
  }),
  command({
    name: 'servers edit',
    summary: 'Change a server; options you leave out stay as they are',
    args: ['server'],
    options: {
      login: { type: 'string', value: 'USER@HOST', summary: 'New address or login' },
      ...fieldOptions,
      ...hostKeyOptions,
    },
    run: edit,
  }),
  command({
    name: 'servers test',
    summary: 'Connect to a server, and show its system and OpenClaw',
    args: ['server'],
    run: test,
  }),
  command({
    name: 'servers remove',
    summary: 'Remove a server from Buoy; nothing changes on the machine',
    args: ['server'],
    options: { yes: yesOption },
    run: remove,
  }),
  command({
    name: 'servers ssh',
    summary: 'Connect with your own ssh, using the jump servers and host keys that Buoy knows',
    args: ['server', 'command...?'],
    options: {
      forward: {
        type: 'string',
        short: 'L',
        value: 'PORT:HOST:PORT',
        multiple: true,
        summary: 'Forward a port of this computer; repeatable',
      },
      identity: { type: 'string', short: 'i', value: 'FILE', summary: 'Log in with this private key' },
    },
    run: ssh,
  }),
  command({
    name: 'servers accept-key',
    summary: 'Trust the host key that a server presents now',
    args: ['server', 'fingerprint'],
    options: { yes: yesOption },
    run: acceptKey,
  }),
];
