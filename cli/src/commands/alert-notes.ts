// Notes on alerts: write, list and remove.
import { MAX_ALERT_NOTE } from '@buoy/contract/constants';
import { type Args, arg, type Command, type Context, command, UsageError } from '../command.ts';
import { withList } from '../list-hint.ts';
import { ago } from '../output/ago.ts';
import { wrappedColumn } from '../output/table.ts';
import { alertIdOf, ofAlert } from './alerts.ts';

/** As many as an alert has at most. */
const ALL = { limit: 50 };

async function write(context: Context & Args<'alert' | 'text'>): Promise<void> {
  const text = arg(context, 'text');
  if (text.length > MAX_ALERT_NOTE)
    throw new UsageError(`A note has ${MAX_ALERT_NOTE} characters at most; this one has ${text.length}.`);
  const api = context.api();
  const id = await alertIdOf(api, arg(context, 'alert'));
  const answer = await ofAlert(id, api('POST /alerts/:id/notes', { params: { id }, body: { text } }));
  context.output.result(answer, () => context.output.line(`Wrote the note ${answer.note.id}.`));
}

async function list(context: Context & Args<'alert'>): Promise<void> {
  const { output, terminal } = context;
  const api = context.api();
  const id = await alertIdOf(api, arg(context, 'alert'));
  const answer = await ofAlert(id, api('GET /alerts/:id/notes', { params: { id }, query: ALL }));
  output.result(answer, () =>
    output.table(
      ['NOTE', 'BY', 'WRITTEN', wrappedColumn('TEXT')],
      answer.notes.map((note) => [note.id, note.by.name, ago(note.createdAt, terminal.now()), note.text]),
      'No notes.',
    ),
  );
}

async function remove(context: Context & Args<'alert' | 'note'>): Promise<void> {
  const api = context.api();
  const id = await alertIdOf(api, arg(context, 'alert'));
  const noteId = arg(context, 'note');
  await withList(
    api('DELETE /alerts/:id/notes/:noteId', { params: { id, noteId } }),
    `buoy alerts notes ${id}`,
  );
  context.output.result({ removed: noteId }, () => context.output.line(`Removed the note ${noteId}.`));
}

export const alertNoteCommands: readonly Command[] = [
  command({
    name: 'alerts note',
    summary: 'Write a note on an alert, for everybody who sees it',
    args: ['alert', 'text'],
    run: write,
  }),
  command({ name: 'alerts notes', summary: 'List the notes on an alert', args: ['alert'], run: list }),
  command({
    name: 'alerts remove-note',
    summary: 'Remove a note: your own, or as an owner any',
    args: ['alert', 'note'],
    run: remove,
  }),
];
