// Changes the config, and shows the effect before anything is written.
import type { ConfigChange, Contract, ResponseOf } from '@buoy/contract';
import { ApiError, type Client } from '@buoy/contract/client';
import { terminalJson, visibleMark, visibleText } from '@buoy/contract/visible-text';
import {
  type Args,
  type Command,
  CommandError,
  type Context,
  command,
  type Flags,
  type OptionSpec,
  type Texts,
  textOption,
  UsageError,
} from '../../command.ts';
import { keysOf, parsedValue, patchAt } from '../../config-path.ts';
import { confirm, yesOption } from '../../confirm.ts';
import { commandLine } from '../../output/command-line.ts';
import { readInput } from '../../read-input.ts';
import { serverIn } from '../../resolve-server.ts';

type Preview = ResponseOf<Contract['POST /servers/:id/openclaw/config/preview']>;
type ConfigWriteResult = ResponseOf<Contract['PUT /servers/:id/openclaw/config']>;

/** `~ gateway.port: 18789 → 18790`. */
export function showChanges(
  { output }: Context,
  changes: ReadonlyArray<ConfigChange & { needsRestart?: boolean | null }>,
): void {
  if (changes.length === 0) output.line('Nothing changes.');
  for (const { path: changed, kind, before, after, needsRestart } of changes) {
    const restarts = needsRestart ? output.colour('yellow', '  restarts the gateway') : '';
    // Hidden characters are shown before the person confirms, and no name of a key adds a line.
    const path = visibleText(changed, 'command').replace(/[\r\n\t]/g, visibleMark);
    const [old, now] = [before, after].map((value) =>
      value === undefined ? '' : terminalJson(value, undefined, 'command'),
    );
    if (kind === 'added') output.line(`${output.colour('green', `+ ${path}: ${now}`)}${restarts}`);
    else if (kind === 'removed') output.line(`${output.colour('red', `- ${path}: ${old}`)}${restarts}`);
    else output.line(`${output.colour('yellow', `~ ${path}: ${old} → ${now}`)}${restarts}`);
  }
}

export function showWritten(
  { output }: Context,
  { rev, restart, applied }: Pick<ConfigWriteResult, 'rev' | 'restart' | 'applied'>,
): void {
  output.line(`Saved as revision ${rev}.${restart ? ' The gateway restarts to apply it.' : ''}`);
  if (applied === false)
    output.note(output.colour('yellow', 'Saved, but the gateway has not applied it yet.'));
}

/** Builds the merge patch from PATH and VALUE, or reads it from --file. */
async function patchIn(
  context: Context & Args<'path' | 'value'> & Texts<'file'>,
): Promise<Record<string, unknown>> {
  const { path, value } = context.args;
  const file = textOption(context, 'file');
  if (file !== undefined) {
    if (path !== undefined) throw new UsageError('PATH and --file do not go together.');
    const patch = parsedValue(await readInput(context, file));
    if (typeof patch !== 'object' || patch === null || Array.isArray(patch))
      throw new UsageError(`${file} does not contain a JSON object.`);
    return patch as Record<string, unknown>;
  }
  if (path === undefined || value === undefined)
    throw new UsageError(
      `${path === undefined ? 'PATH' : 'VALUE'} is missing.`,
      'Give PATH and VALUE, or a merge patch with --file. VALUE null removes the key.',
    );
  const typed = value === '-' ? (await context.terminal.readStdin()).replace(/\r?\n$/, '') : value;
  return patchAt(keysOf(path), parsedValue(typed));
}

export function previewOf(
  api: Client,
  id: string,
  patch: Record<string, unknown>,
  hash: string | null = null,
): Promise<Preview> {
  const body = { patch, ...(hash === null ? {} : { hash }) };
  return api('POST /servers/:id/openclaw/config/preview', { params: { id }, body });
}

export function showPreview(context: Context, { changes, valid, issues }: Preview): void {
  const { output } = context;
  showChanges(context, changes);
  if (valid) return;
  output.line(output.colour('red', 'OpenClaw would reject this:'));
  for (const { path, message } of issues) output.line(`  ${path}: ${message}`);
}

/** Exits with 1 if OpenClaw would reject the change. */
async function diff(
  context: Context & Args<'server' | 'path' | 'value'> & Texts<'file'>,
): Promise<number | undefined> {
  const { api, id } = await serverIn(context);
  const preview = await previewOf(api, id, await patchIn(context));
  context.output.result(preview, () => showPreview(context, preview));
  return preview.valid ? undefined : 1;
}

async function set(
  context: Context & Args<'server' | 'path' | 'value'> & Texts<'file' | 'note'> & Flags<'yes'>,
): Promise<void> {
  const { output } = context;
  const { api, id, name } = await serverIn(context);
  const patch = await patchIn(context);
  const preview = await previewOf(api, id, patch);
  if (!output.json) showPreview(context, preview);
  if (!preview.valid)
    throw new CommandError(
      `OpenClaw would reject this config; nothing was written.${output.json ? ` ${preview.issues.map((one) => `${one.path} ${one.message}`).join('; ')}.` : ''}`,
      `See what is allowed: ${commandLine('buoy', 'openclaw', 'config', 'schema', id, 'PATH')}`,
      'refused',
    );
  if (preview.changes.length > 0)
    await confirm(
      context,
      `Write ${preview.changes.length === 1 ? 'this' : 'these'} to the config of ${name}?`,
    );
  try {
    const answer = await api('PUT /servers/:id/openclaw/config', {
      params: { id },
      body: { patch, hash: preview.hash, note: textOption(context, 'note') },
    });
    output.result(answer, () => showWritten(context, answer));
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'stale_version') throw error;
    throw new CommandError(
      'The config was changed by someone else since the comparison; nothing was written.',
      `See what changed: ${commandLine('buoy', 'openclaw', 'config', 'history', id)}. Then try again.`,
      error.code,
    );
  }
}

const options = {
  file: { type: 'string', value: 'FILE', summary: 'A merge patch (RFC 7396) in JSON; - for standard input' },
} as const satisfies Record<string, OptionSpec>;
const args = ['server', 'path?', 'value?'] as const;

export const configChangeCommands: readonly Command[] = [
  command({
    name: 'openclaw config diff',
    summary: 'Show what a change would do; writes nothing',
    args,
    options,
    run: diff,
  }),
  command({
    name: 'openclaw config set',
    summary: 'Set PATH to VALUE, in JSON; shows the change and asks. null removes, - reads standard input',
    args,
    options: {
      ...options,
      note: { type: 'string', value: 'TEXT', summary: 'Reason, kept in the history' },
      yes: yesOption,
    },
    run: set,
  }),
];
