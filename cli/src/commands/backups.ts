// The backups of Buoy: list, create, download.
import { statSync } from 'node:fs';
import nodePath from 'node:path';
import {
  type Args,
  arg,
  type Command,
  CommandError,
  type Context,
  command,
  type Texts,
  textOption,
} from '../command.ts';
import { withList } from '../list-hint.ts';
import { size } from '../output/ago.ts';
import { fixedColumn } from '../output/table.ts';
import { printStream, saveStream } from '../save-stream.ts';

async function list(context: Context): Promise<void> {
  const { output } = context;
  const answer = await context.api()('GET /admin/backups');
  output.result(answer, () =>
    output.table(
      ['FILE', 'SIZE', 'MADE', fixedColumn('VERIFIED'), 'SHA-256'],
      answer.backups.map((one) => [
        one.filename,
        size(one.sizeBytes),
        one.createdAt,
        one.verified ? 'yes' : 'NO',
        one.sha256,
      ]),
      'No backups yet. Create one: buoy admin backups run',
    ),
  );
}

async function run(context: Context): Promise<void> {
  const answer = await context.api()('POST /admin/backups/run');
  context.output.result(answer, () => context.output.line(`Wrote ${answer.backup.filename}.`));
}

const LIST = 'buoy admin backups list';

/** Resolves `latest` to the newest backup. @throws CommandError without backups */
async function filenameIn(context: Context & Args<'file'>): Promise<string> {
  const typed = arg(context, 'file');
  if (typed !== 'latest') return typed;
  const { backups } = await context.api()('GET /admin/backups');
  const [newest] = backups.toSorted((one, other) => other.createdAt.localeCompare(one.createdAt));
  if (newest === undefined)
    throw new CommandError('There are no backups.', 'Create one: buoy admin backups run');
  const { filename } = newest;
  // The name becomes a local file name, and the Buoy may be hostile: a shell reads .bash_profile when it starts.
  if (!/^buoy-[\w.-]{1,200}\.gz$/.test(filename))
    throw new CommandError(`Buoy calls its latest backup "${filename}", which is not the name of a backup.`);
  return filename;
}

function isFolder(target: string): boolean {
  return target.endsWith('/') || (statSync(target, { throwIfNoEntry: false })?.isDirectory() ?? false);
}

async function download(context: Context & Args<'file'> & Texts<'to'>): Promise<void> {
  const filename = await filenameIn(context);
  const path = `/admin/backups/download/${encodeURIComponent(filename)}`;
  const to = textOption(context, 'to') ?? filename;
  if (to === '-') return withList(printStream(context, path), LIST);
  const target = isFolder(to) ? nodePath.join(to, filename) : to;
  await withList(saveStream(context, path, { target, option: 'to' }), LIST);
  context.output.result({ file: target }, () => context.output.line(`Wrote ${target}.`));
}

export const backupCommands: readonly Command[] = [
  command({ name: 'admin backups list', summary: 'List the stored backups', run: list }),
  command({ name: 'admin backups run', summary: 'Create a backup now', run }),
  command({
    name: 'admin backups download',
    summary: 'Download a backup: FILE is its name, or latest',
    args: ['file'],
    options: {
      to: {
        type: 'string',
        value: 'PATH',
        summary: 'File or folder to write to; - for standard output',
      },
    },
    run: download,
  }),
];
