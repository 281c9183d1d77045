// Restores the config of an earlier revision, and shows the changes before it asks.
import { ApiError, type Client } from '@buoy/contract/client';
import { patchBetween } from '@buoy/contract/config-patch';
import { undoChanges } from '@buoy/contract/undo-changes';
import {
  type Args,
  type Command,
  CommandError,
  type Context,
  command,
  type Flags,
  isSet,
  type Texts,
  textOption,
} from '../../command.ts';
import { confirm, yesOption } from '../../confirm.ts';
import { commandLine } from '../../output/command-line.ts';
import { serverIn } from '../../resolve-server.ts';
import { revIn } from './config.ts';
import { previewOf, showChanges, showPreview, showWritten } from './config-change.ts';

/** Revisions whose changes are read for the preview, one call each. */
const MAX_STEPS = 25;

type Target = { id: string; rev: number };

async function rollback(
  context: Context & Args<'server' | 'rev'> & Texts<'note'> & Flags<'yes'>,
): Promise<void> {
  const { output } = context;
  const rev = revIn(context);
  const { api, id, name } = await serverIn(context);
  if (!isSet(context, 'yes')) await showEffect(context, api, { id, rev });
  await confirm(context, `Roll the config of ${name} back to revision ${rev}? Secrets stay as they are.`);
  const answer = await api('POST /servers/:id/openclaw/config/rollback', {
    params: { id },
    body: { rev, note: textOption(context, 'note') },
  });
  output.result(answer, () => {
    showChanges(context, answer.changes);
    showWritten(context, answer);
    for (const path of answer.missingSecrets)
      output.note(output.colour('yellow', `Restore by hand: ${path}. Buoy never stored its value.`));
  });
}

/** What cannot be shown keeps nobody from the rollback: it says so. @throws CommandError for a revision that is not there yet */
async function showEffect(context: Context, api: Client, { id, rev }: Target): Promise<void> {
  const { output } = context;
  const hidden = (why: string) =>
    output.note(output.colour('yellow', `The changes cannot be shown beforehand: ${why}`));
  try {
    const params = { id };
    const { revisions } = await api('GET /servers/:id/openclaw/config/history', {
      params,
      query: { limit: 1 },
    });
    const latest = revisions[0]?.rev ?? 0;
    if (rev > latest)
      throw new CommandError(
        `The config has no revision ${rev} yet.`,
        `List them: ${commandLine('buoy', 'openclaw', 'config', 'history', id)}`,
      );
    if (latest - rev > MAX_STEPS) return hidden('the revision is too old.');
    const { config, hash } = await api('GET /servers/:id/openclaw/config', { params });
    if (config === null) return hidden('the config cannot be read.');
    const then = undoChanges(config, await changesAfter(api, { id, rev }, latest));
    const preview = await previewOf(api, id, patchBetween(config, then), hash);
    if (!output.json) showPreview(context, preview);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    hidden(error.message);
  }
}

/** The changes of all later revisions, newest first. */
async function changesAfter(api: Client, { id, rev }: Target, latest: number) {
  const later = Array.from({ length: latest - rev }, (_, index) => latest - index);
  const all = await Promise.all(
    later.map((one) =>
      api('GET /servers/:id/openclaw/config/history/:rev/diff', { params: { id, rev: one } }).catch(
        (error: unknown) => {
          // A broken revision has no changes: those of the next one are against the last that could be read.
          if (error instanceof ApiError && error.code === 'refused') return { changes: [] };
          throw error;
        },
      ),
    ),
  );
  return all.flatMap(({ changes }) => changes);
}

export const rollbackCommands: readonly Command[] = [
  command({
    name: 'openclaw config rollback',
    summary: 'Restore the config of an earlier revision; shows the changes and asks',
    args: ['server', 'rev'],
    options: {
      note: { type: 'string', value: 'TEXT', summary: 'Reason, kept in the history' },
      yes: yesOption,
    },
    run: rollback,
  }),
];
