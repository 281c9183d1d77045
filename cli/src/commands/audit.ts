// The audit log of Buoy: list and export.
import type { AuditEntry } from '@buoy/contract';
import { OTHER_CALLS, repetitionsIn } from '@buoy/contract/repetitions';
import {
  type Command,
  CommandError,
  type Context,
  command,
  type Given,
  numberOption,
  type OptionSpec,
  type Texts,
  textOption,
} from '../command.ts';
import { fixedColumn } from '../output/table.ts';
import { personNames } from '../person-names.ts';
import { resolveServer, serverNames } from '../resolve-server.ts';
import { saveStream } from '../save-stream.ts';
import { fromIn, fromOption, sinceOption, timeOption, toOption } from '../since.ts';

const PAGE = 50;

type Filter = Given<typeof filterOptions>;

/** Builds the filter from --user, --server, --action, --from, --since and --to. */
async function filterIn(context: Context & Filter) {
  const server = textOption(context, 'server');
  return {
    userId: textOption(context, 'user'),
    action: textOption(context, 'action'),
    from: fromIn(context),
    to: timeOption(context, 'to'),
    ...(server === undefined ? {} : { serverId: (await resolveServer(context.api(), server)).id }),
  };
}

async function list(context: Context & Filter & Texts<'limit'>): Promise<number | undefined> {
  const { output } = context;
  const limit = numberOption(context, 'limit', 1, 200) ?? PAGE;
  const api = context.api();
  const answer = await api('GET /admin/audit', {
    query: { ...(await filterIn(context)), limit },
  });
  const nameOf = await serverNames(context, api);
  const personOf = await personNames(context, api, answer.entries);
  output.result(answer, () => {
    output.table(
      ['AT', 'WHO', 'ACTION', 'SERVER', 'TARGET', fixedColumn('RESULT'), 'IP'],
      answer.entries.map((one) => [
        one.at,
        personOf(one.userId),
        one.action,
        nameOf(one.serverId),
        one.target,
        resultOf(one),
        one.ip,
      ]),
      'No entries.',
    );
    if (answer.nextCursor !== null)
      output.note('Older entries exist: use --limit, --to, or buoy admin audit export.');
    if (!answer.chainOk)
      output.note(output.colour('red', answer.chainProblem ?? 'The log was tampered with.'));
  });
  return answer.chainOk ? undefined : 1;
}

/** "denied, 57 more times" for an entry that counts repetitions of the previous one within a minute. */
function resultOf(entry: AuditEntry): string {
  const count = repetitionsIn(entry);
  if (count === null) return entry.result;
  const times = count === 1 ? 'time' : 'times';
  return `${entry.result}, ${count} ${entry.action === OTHER_CALLS ? times : `more ${times}`}`;
}

/** Writes JSON lines, oldest first, to a file or to standard output. */
async function exportLog(context: Context & Filter & Texts<'to-file'>): Promise<void> {
  const { output, terminal } = context;
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(await filterIn(context)))
    if (value !== undefined) query.set(name, value);
  const path = `/admin/audit/export?${query}`;
  const target = textOption(context, 'to-file');
  if (target !== undefined) {
    await saveStream(context, path, { target, option: 'to-file' });
    return output.result({ file: target }, () => output.line(`Wrote ${target}.`));
  }
  const { body } = await context.openStream(path, { lastEventId: null, signal: terminal.signal });
  if (body === null) throw new CommandError('The answer was empty.');
  const decoder = new TextDecoder();
  for await (const chunk of body) output.text(decoder.decode(chunk, { stream: true }));
  output.text(decoder.decode());
}

const filterOptions = {
  user: { type: 'string', value: 'ID', summary: 'Only by this user' },
  server: { type: 'string', value: 'SERVER', summary: 'Only on this server' },
  action: { type: 'string', value: 'TEXT', summary: 'Only actions that contain this text' },
  from: fromOption,
  to: toOption,
  since: sinceOption,
} as const satisfies Record<string, OptionSpec>;

export const auditCommands: readonly Command[] = [
  command({
    name: 'admin audit list',
    summary: 'List who did what, newest first; exits with 1 if the log was tampered with',
    options: {
      ...filterOptions,
      limit: { type: 'string', value: 'NUMBER', summary: 'Maximum number of results (default 50)' },
    },
    run: list,
  }),
  command({
    name: 'admin audit export',
    summary: 'Export the log as JSON lines, oldest first, to standard output or a file',
    options: {
      ...filterOptions,
      'to-file': { type: 'string', value: 'PATH', summary: 'Write to this file, which only you can read' },
    },
    run: exportLog,
  }),
];
