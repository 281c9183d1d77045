// Buoy itself, for super-admins.
import { arg, type Command, CommandError, type Context, numberOption, textOption } from '../command.ts';
import { ago, size } from '../output/ago.ts';
import { resolveServer } from '../resolve-server.ts';

async function health(context: Context): Promise<number | undefined> {
  const { output } = context;
  const answer = await context.api()('GET /admin/health/detailed');
  output.result(answer, () => {
    output.pairs([
      ['Status', output.colour(answer.status === 'ok' ? 'green' : 'red', answer.status)],
      ['Version', answer.version],
      ['Database', `${answer.database.engine}, ${answer.database.ok ? 'ok' : 'not ok'}`],
      ['Memory', size(answer.memory.rssBytes)],
      ['Servers', answer.monitor.servers],
      ['Tasks', `${answer.tasks.running ?? '?'} running, ${answer.tasks.queued ?? '?'} queued`],
      ['Last backup', answer.backup.lastAt],
    ]);
    for (const reason of answer.reasons) output.line(`- ${reason}`);
  });
  return answer.status === 'ok' ? undefined : 1;
}

async function users(context: Context): Promise<void> {
  const { output, terminal } = context;
  const answer = await context.api()('GET /admin/users', {
    query: { limit: numberOption(context, 'limit', 1, 200) ?? 200 },
  });
  output.result(answer, () =>
    output.table(
      ['USER', 'NAME', 'SUPER', 'SERVERS', 'SEEN'],
      answer.users.map((one) => [
        one.id,
        one.username ?? one.firstName,
        one.isSuperAdmin ? 'yes' : '',
        one.servers,
        ago(one.lastSeenAt, terminal.now()),
      ]),
    ),
  );
}

async function backupList(context: Context): Promise<void> {
  const { output } = context;
  const answer = await context.api()('GET /admin/backups');
  output.result(answer, () =>
    output.table(
      ['FILE', 'SIZE', 'MADE', 'VERIFIED', 'SHA-256'],
      answer.backups.map((one) => [
        one.filename,
        size(one.sizeBytes),
        one.createdAt,
        one.verified ? 'yes' : 'NO',
        one.sha256,
      ]),
    ),
  );
}

async function backupRun(context: Context): Promise<void> {
  const answer = await context.api()('POST /admin/backups/run');
  context.output.result(answer, () => context.output.line(`Wrote ${answer.backup.filename}.`));
}

async function audit(context: Context): Promise<number | undefined> {
  const { output } = context;
  const api = context.api();
  const server = textOption(context, 'server');
  const answer = await api('GET /admin/audit', {
    query: {
      userId: textOption(context, 'user'),
      action: textOption(context, 'action'),
      from: timeOption(context, 'from'),
      to: timeOption(context, 'to'),
      limit: numberOption(context, 'limit', 1, 200) ?? 50,
      ...(server === undefined ? {} : { serverId: (await resolveServer(api, server)).id }),
    },
  });
  output.result(answer, () => {
    output.table(
      ['AT', 'WHO', 'ACTION', 'SERVER', 'TARGET', 'RESULT', 'IP'],
      answer.entries.map((one) => [
        one.at,
        one.userId,
        one.action,
        one.serverId,
        one.target,
        one.result,
        one.ip,
      ]),
    );
    if (!answer.chainOk)
      output.note(output.colour('red', answer.chainProblem ?? 'The log was tampered with.'));
  });
  return answer.chainOk ? undefined : 1;
}

function timeOption(context: Context, name: string): string | undefined {
  const value = textOption(context, name);
  if (value === undefined) return undefined;
  const time = Date.parse(value);
  if (Number.isNaN(time)) throw new CommandError(`--${name} takes a date or a time, not "${value}".`);
  return new Date(time).toISOString();
}

async function backupDownload(context: Context): Promise<void> {
  const { createWriteStream } = await import('node:fs');
  const { Readable } = await import('node:stream');
  const { pipeline } = await import('node:stream/promises');
  const filename = arg(context, 'file');
  const target = textOption(context, 'to') ?? filename;
  const response = await context.openStream(`/admin/backups/download/${encodeURIComponent(filename)}`, {
    lastEventId: null,
    signal: context.terminal.signal,
  });
  if (response.body === null) throw new CommandError('The backup came without content.');
  // Holds sealed secrets and names: for its owner alone, and never over another file.
  const file = createWriteStream(target, { flags: 'wx', mode: 0o600 });
  await pipeline(Readable.fromWeb(response.body as import('node:stream/web').ReadableStream), file).catch(
    (cause: NodeJS.ErrnoException) => {
      throw new CommandError(
        cause.code === 'EEXIST'
          ? `${target} is there already.`
          : `The backup could not be written to ${target}.`,
      );
    },
  );
  context.output.result({ file: target }, () => context.output.line(`Wrote ${target}.`));
}

export const adminCommands: readonly Command[] = [
  { name: 'admin health', summary: 'How Buoy itself is', run: health },
  {
    name: 'admin users',
    summary: 'Everybody who has signed in',
    options: { limit: { type: 'string', value: 'NUMBER', summary: 'At most so many' } },
    run: users,
  },
  { name: 'admin backups', summary: 'The backups that are kept', run: backupList },
  { name: 'admin backup', summary: 'Make a backup now', run: backupRun },
  {
    name: 'admin download',
    summary: 'Fetch a backup',
    args: ['file'],
    options: { to: { type: 'string', value: 'PATH', summary: 'Write it here instead of the same name' } },
    run: backupDownload,
  },
  {
    name: 'admin audit',
    summary: 'What was done, by whom, the newest first',
    options: {
      user: { type: 'string', value: 'ID', summary: 'Only by this user' },
      server: { type: 'string', value: 'SERVER', summary: 'Only on this server' },
      action: { type: 'string', value: 'TEXT', summary: 'Only actions with this text' },
      from: { type: 'string', value: 'TIME', summary: 'Only from then on' },
      to: { type: 'string', value: 'TIME', summary: 'Only until then' },
      limit: { type: 'string', value: 'NUMBER', summary: 'At most so many; 50 unless told' },
    },
    run: audit,
  },
];
