// Manual pages: one to standard output, or all into a folder.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  type Command,
  CommandError,
  type Context,
  command,
  type Texts,
  textOption,
  UsageError,
} from '../command.ts';
import { manPages } from '../man-page.ts';

async function man(context: Context & Texts<'to'>): Promise<void> {
  const { output, rest, commands } = context;
  const folder = textOption(context, 'to');
  const pages = manPages(commands);
  if (folder === undefined) {
    const wanted = `${['buoy', ...rest].join('-')}.1`;
    const page = pages.find(({ file }) => file === wanted);
    if (page === undefined) throw new UsageError(`"${rest.join(' ')}" is not a command.`, 'See buoy --help');
    return output.text(page.text);
  }
  if (rest.length > 0) throw new UsageError('--to writes all pages; leave the command out.');
  try {
    mkdirSync(folder, { recursive: true });
    for (const { file, text } of pages) writeFileSync(path.join(folder, file), text);
  } catch (error) {
    throw new CommandError(`${folder} cannot be written (${(error as NodeJS.ErrnoException).code}).`);
  }
  output.result({ folder, pages: pages.map(({ file }) => file) }, () =>
    output.line(`Wrote ${pages.length} pages to ${folder}.`),
  );
}

export const manCommands: readonly Command[] = [
  command({
    name: 'man',
    summary: 'Print the manual page of a command, or write all pages into a folder',
    args: ['command?...'],
    options: { to: { type: 'string', value: 'PATH', summary: 'Write all pages into this folder' } },
    run: man,
  }),
];
