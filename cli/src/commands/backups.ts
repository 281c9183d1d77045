// The backups of Buoy: which there are, making one, fetching one.
import { arg, type Command, type Context, textOption } from '../command.ts';
import { withList } from '../list-hint.ts';
import { size } from '../output/ago.ts';
import { whole } from '../output/table.ts';
import { saveStream } from '../save-stream.ts';

async function list(context: Context): Promise<void> {
  const { output } = context;
  const answer = await context.api()('GET /admin/backups');
  output.result(answer, () =>
    output.table(
      ['FILE', 'SIZE', 'MADE', whole('VERIFIED'), 'SHA-256'],
      answer.backups.map((one) => [
        one.filename,
        size(one.sizeBytes),
        one.createdAt,
        one.verified ? 'yes' : 'NO',
        one.sha256,
      ]),
      'No backups yet. Make one: buoy admin backups run',
    ),
  );
}

async function run(context: Context): Promise<void> {
  const answer = await context.api()('POST /admin/backups/run');
  context.output.result(answer, () => context.output.line(`Wrote ${answer.backup.filename}.`));
}

async function download(context: Context): Promise<void> {
  const filename = arg(context, 'file');
  const target = textOption(context, 'to') ?? filename;
  const path = `/admin/backups/download/${encodeURIComponent(filename)}`;
  await withList(saveStream(context, path, { target, option: 'to' }), 'buoy admin backups list');
  context.output.result({ file: target }, () => context.output.line(`Wrote ${target}.`));
}

export const backupCommands: readonly Command[] = [
  { name: 'admin backups list', summary: 'The backups that are kept', run: list },
  { name: 'admin backups run', summary: 'Make a backup now', run },
  {
    name: 'admin backups download',
    summary: 'Fetch a backup',
    args: ['file'],
    options: { to: { type: 'string', value: 'PATH', summary: 'Write it here instead of the same name' } },
    run: download,
  },
];
