// Snapshots of OpenClaw: list, create, verify, restore, download, delete, and the way back from an update.
import type { Snapshot } from '@buoy/contract';
import type { Client } from '@buoy/contract/client';
import { snapshotReasons } from '@buoy/contract/constants';
import {
  type Args,
  arg,
  type Command,
  CommandError,
  type Context,
  choiceOption,
  command,
  type Flags,
  type Given,
  isSet,
  type Texts,
  textOption,
} from '../../command.ts';
import { confirm, yesOption } from '../../confirm.ts';
import { followStarted } from '../../follow-task.ts';
import { withList } from '../../list-hint.ts';
import { ago, size } from '../../output/ago.ts';
import { commandLine } from '../../output/command-line.ts';
import { fixedColumn } from '../../output/table.ts';
import { resolveServer, serverIn } from '../../resolve-server.ts';
import { printStream, saveStream } from '../../save-stream.ts';
import { viaIn, viaOptions } from '../setup-tasks.ts';
import { outputOption, waitOption } from '../tasks.ts';

const PAGE = 200;

type Following = Flags<'no-wait' | 'output'>;
type OfSnapshot = Context & Args<'server' | 'snapshot'>;

const followOptions = { 'no-wait': waitOption, output: outputOption } as const;
const following = (context: Following) => ({
  wait: !isSet(context, 'no-wait'),
  showOutput: isSet(context, 'output'),
});

const listCommand = (serverId: string) => commandLine('buoy', 'openclaw', 'snapshots', 'list', serverId);

async function list(context: Context & Args<'server'> & Texts<'reason'>): Promise<void> {
  const { output, terminal } = context;
  const reason = choiceOption(context, 'reason', snapshotReasons);
  const { api, id } = await serverIn(context);
  const { snapshots } = await api('GET /servers/:id/setup/snapshots', {
    params: { id },
    query: { reason, limit: PAGE },
  });
  output.result({ snapshots }, () =>
    output.table(
      ['SNAPSHOT', 'VERSION', fixedColumn('MADE FOR'), 'CREATED', 'SIZE', fixedColumn('VERIFIED'), 'NOTE'],
      snapshots.map((one) => [
        one.id,
        one.version,
        one.reason,
        ago(one.createdAt, terminal.now()),
        size(one.sizeBytes),
        one.verified ? 'yes' : 'NO',
        one.note,
      ]),
      'No snapshots.',
    ),
  );
}

async function create(
  context: Context & Args<'server'> & Texts<'note'> & Following,
): Promise<number | undefined> {
  const { api, id } = await serverIn(context);
  const { task } = await api('POST /servers/:id/setup/snapshots', {
    params: { id },
    body: { note: textOption(context, 'note') },
  });
  return followStarted(context, task, following(context));
}

/** Calls the API for the snapshot in the arguments. @throws CommandError when it does not exist */
async function ofSnapshot<T>(
  context: OfSnapshot,
  ask: (api: Client, params: { id: string; snapshotId: string }, serverName: string) => Promise<T>,
): Promise<T> {
  const { api, id, name } = await serverIn(context);
  return withList(ask(api, { id, snapshotId: arg(context, 'snapshot') }, name), listCommand(id));
}

async function verify(context: OfSnapshot): Promise<number | undefined> {
  const answer = await ofSnapshot(context, (api, params) =>
    api('POST /servers/:id/setup/snapshots/:snapshotId/verify', { params }),
  );
  context.output.result(answer, () =>
    context.output.line(context.output.colour(answer.ok ? 'green' : 'red', answer.detail)),
  );
  return answer.ok ? undefined : 1;
}

async function restore(
  context: OfSnapshot &
    Texts<'on'> &
    Flags<'with-credentials' | 'yes'> &
    Given<typeof viaOptions> &
    Following,
): Promise<number | undefined> {
  const on = textOption(context, 'on');
  const via = viaIn(context);
  const task = await ofSnapshot(context, async (api, params, serverName) => {
    const target = on === undefined ? null : await resolveServer(api, on);
    const where = target?.name ?? serverName;
    const unchecked =
      target === null || target.id === params.id
        ? ''
        : ` ${serverName} leaves out its own keys itself, so Buoy cannot compare what arrives with the checksum of the snapshot: go on only if you still trust ${serverName}.`;
    await confirm(
      context,
      `Replace the state, config, workspaces and version of OpenClaw on ${where}? What was made there since is kept in a new snapshot. Its gateway is down for about a minute.${unchecked}`,
    );
    return (
      await api('POST /servers/:id/setup/snapshots/:snapshotId/restore', {
        params,
        body: { targetServerId: target?.id, withCredentials: isSet(context, 'with-credentials'), via },
      })
    ).task;
  });
  return followStarted(context, task, following(context));
}

async function rollback(
  context: Context & Args<'server'> & Flags<'yes'> & Given<typeof viaOptions> & Following,
): Promise<number | undefined> {
  const via = viaIn(context);
  const { api, id, name } = await serverIn(context);
  const [newest] = await snapshotsOfUpdates(api, id);
  if (newest === undefined)
    throw new CommandError(`${name} has no snapshot of an update.`, `List the others: ${listCommand(id)}`);
  await confirm(
    context,
    `Go back to OpenClaw ${newest.version} on ${name}, as it was ${ago(newest.createdAt, context.terminal.now())}? What was made since is kept in a new snapshot. Its gateway is down for about a minute.`,
  );
  const { task } = await api('POST /servers/:id/setup/snapshots/:snapshotId/restore', {
    params: { id, snapshotId: newest.id },
    body: { via },
  });
  return followStarted(context, task, following(context));
}

async function snapshotsOfUpdates(api: Client, id: string): Promise<Snapshot[]> {
  const query = { reason: 'update', limit: 1 } as const;
  return (await api('GET /servers/:id/setup/snapshots', { params: { id }, query })).snapshots;
}

async function download(context: OfSnapshot & Texts<'to'>): Promise<void> {
  await ofSnapshot(context, async (_api, { id, snapshotId }) => {
    const path = `/servers/${encodeURIComponent(id)}/setup/snapshots/${encodeURIComponent(snapshotId)}/download`;
    // It becomes a local file name, unless it is none.
    if (!/^[\w-]{1,64}$/.test(snapshotId))
      throw new CommandError(`"${snapshotId}" is not the id of a snapshot.`, `List them: ${listCommand(id)}`);
    const target = textOption(context, 'to') ?? `${snapshotId}.tar.gz.sealed`;
    if (target === '-') return printStream(context, path);
    await saveStream(context, path, { target, option: 'to' });
    context.output.result({ file: target }, () =>
      context.output.line(`Wrote ${target}. It opens on the machine of Buoy: buoy-server open-snapshot`),
    );
  });
}

async function remove(context: OfSnapshot & Flags<'yes'>): Promise<void> {
  await ofSnapshot(context, async (api, params, serverName) => {
    await confirm(context, `Delete the snapshot ${params.snapshotId} and its archive on ${serverName}?`);
    await api('DELETE /servers/:id/setup/snapshots/:snapshotId', { params });
    context.output.result({}, () => context.output.line('Deleted.'));
  });
}

export const snapshotCommands: readonly Command[] = [
  command({
    name: 'openclaw snapshots list',
    summary: 'List the snapshots of a server, newest first',
    args: ['server'],
    options: {
      reason: {
        type: 'string',
        value: 'REASON',
        choices: snapshotReasons,
        summary: 'What they were made for: update, manual or restore',
      },
    },
    run: list,
  }),
  command({
    name: 'openclaw snapshots create',
    summary: 'Back up config, state and workspaces to an archive on the server; the gateway keeps running',
    args: ['server'],
    options: { note: { type: 'string', value: 'TEXT', summary: 'Shown in the list' }, ...followOptions },
    run: create,
  }),
  command({
    name: 'openclaw snapshots verify',
    summary: 'Check that an archive is there, unchanged and readable; exits with 1 if not',
    args: ['server', 'snapshot'],
    run: verify,
  }),
  command({
    name: 'openclaw snapshots restore',
    summary: 'Go back to a snapshot; if a step fails, all changes are undone',
    args: ['server', 'snapshot'],
    options: {
      on: { type: 'string', value: 'SERVER', summary: 'Another server of yours to restore it on' },
      'with-credentials': {
        type: 'boolean',
        summary: 'On another server: also provider keys, and channels, which stay disabled there',
      },
      ...viaOptions,
      yes: yesOption,
      ...followOptions,
    },
    run: restore,
  }),
  command({
    name: 'openclaw snapshots download',
    summary: 'Download an archive, sealed: only this Buoy can open it',
    args: ['server', 'snapshot'],
    options: { to: { type: 'string', value: 'PATH', summary: 'File to write to; - for standard output' } },
    run: download,
  }),
  command({
    name: 'openclaw snapshots delete',
    summary: 'Delete a snapshot and its archive on the server',
    args: ['server', 'snapshot'],
    options: { yes: yesOption },
    run: remove,
  }),
  command({
    name: 'openclaw rollback',
    summary: 'Undo the last update: restore the newest snapshot that was made for one',
    args: ['server'],
    options: { ...viaOptions, yes: yesOption, ...followOptions },
    run: rollback,
  }),
];
