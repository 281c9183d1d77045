// The OpenClaw config of a server: read, schema and history.
import type { ConfigNode } from '@buoy/contract';
import { terminalJson } from '@buoy/contract/visible-text';
import {
  type Args,
  arg,
  type Command,
  CommandError,
  type Context,
  command,
  numberOption,
  type Texts,
  UsageError,
} from '../../command.ts';
import { keysOf, valueAt } from '../../config-path.ts';
import { ago } from '../../output/ago.ts';
import { commandLine } from '../../output/command-line.ts';
import { wrappedColumn } from '../../output/table.ts';
import { personNames } from '../../person-names.ts';
import { serverIn } from '../../resolve-server.ts';
import { noteSource } from '../../source-note.ts';
import { showChanges } from './config-change.ts';

const PAGE = 20;

async function get(context: Context & Args<'server' | 'path'>): Promise<void> {
  const { output, args } = context;
  const { api, id } = await serverIn(context);
  const answer = await api('GET /servers/:id/openclaw/config', { params: { id } });
  const { problem, issues, warnings } = answer;
  if (answer.config === null)
    throw new CommandError(
      `The config cannot be read${problem === null ? '' : `: ${problem.message}`}${problem?.line == null ? '' : ` in line ${problem.line}`}.`,
      `Find a revision to go back to: ${commandLine('buoy', 'openclaw', 'config', 'history', id)}`,
    );
  const value = valueAt(answer.config, keysOf(args.path ?? ''));
  if (value === undefined)
    throw new CommandError(
      `${args.path} is not set.`,
      `See what is allowed: ${commandLine('buoy', 'openclaw', 'config', 'schema', id, args.path ?? '')}`,
    );
  const { config: _, ...rest } = answer;
  output.result(args.path === undefined ? answer : { ...rest, at: args.path, value }, () => {
    noteSource(context, answer);
    output.text(`${terminalJson(value, 2)}\n`);
    for (const { path, message } of [...issues, ...warnings])
      output.note(output.colour('yellow', `${path}: ${message}`));
    if (answer.applied === false) output.note('The gateway has not applied it yet.');
  });
}

async function schema(context: Context & Args<'server' | 'path'>): Promise<void> {
  const { output } = context;
  const { api, id } = await serverIn(context);
  const answer = await api('GET /servers/:id/openclaw/config/schema', {
    params: { id },
    query: { path: context.args.path },
  });
  output.result(answer, () => {
    noteSource(context, answer);
    showNode(context, answer.node);
  });
}

function showNode({ output }: Context, node: ConfigNode): void {
  const { minimum, maximum, needsRestart, children } = node;
  const range = [
    ...(minimum === null ? [] : [`from ${minimum}`]),
    ...(maximum === null ? [] : [`to ${maximum}`]),
  ];
  output.pairs([
    ['Path', node.path === '' ? 'the whole config' : node.path],
    ['Type', [...node.types, ...range].join(' ')],
    ...(node.title === null ? [] : [['Title', node.title] as const]),
    ...(node.help === null ? [] : [['Help', node.help] as const]),
    ...(node.enum === null
      ? []
      : [['One of', node.enum.map((one) => JSON.stringify(one)).join(', ')] as const]),
    ...(node.default === null ? [] : [['Default', JSON.stringify(node.default)] as const]),
    ['Restarts', needsRestart === null ? 'unknown' : needsRestart ? 'the gateway' : 'nothing'],
    ...(node.sensitive ? [['Secret', 'yes'] as const] : []),
  ]);
  if (children.length > 0)
    output.table(
      ['BELOW', 'TYPE', 'WHAT'],
      children.map((one) => [
        one.path,
        one.hasChildren ? `${one.types.join(' ')} …` : one.types.join(' '),
        one.title ?? one.help,
      ]),
    );
}

async function history(context: Context & Args<'server' | 'rev'> & Texts<'limit'>): Promise<void> {
  const { output, terminal } = context;
  const { api, id } = await serverIn(context);
  if (context.args.rev !== undefined) {
    const rev = revIn(context);
    const answer = await api('GET /servers/:id/openclaw/config/history/:rev/diff', { params: { id, rev } });
    return output.result({ rev, ...answer }, () => showChanges(context, answer.changes));
  }
  const answer = await api('GET /servers/:id/openclaw/config/history', {
    params: { id },
    query: { limit: numberOption(context, 'limit', 1, 200) ?? PAGE },
  });
  const authors = answer.revisions.map(({ by }) => ({ userId: by, serverId: id }));
  const personOf = await personNames(context, api, authors);
  output.result(answer, () => {
    output.table(
      ['REV', 'WHEN', 'BY', 'CHANGES', wrappedColumn('WHERE'), wrappedColumn('NOTE')],
      answer.revisions.map((one) => [
        one.rev,
        ago(one.at, terminal.now()),
        personOf(one.by) ?? one.origin,
        one.changes,
        one.valid ? one.paths.join(', ') : 'not valid',
        one.note,
      ]),
      'No revisions yet.',
    );
    if (answer.nextCursor !== null) output.note('Older revisions exist: use --limit.');
  });
}

export function revIn(context: Context & Args<'rev'>): number {
  const rev = Number(arg(context, 'rev'));
  if (!Number.isInteger(rev) || rev < 1)
    throw new UsageError(`REV is a number from the history, not "${arg(context, 'rev')}".`);
  return rev;
}

export const configCommands: readonly Command[] = [
  command({
    name: 'openclaw config get',
    summary: 'Print the config, or the value at one path, as JSON; secrets are hidden',
    args: ['server', 'path?'],
    run: get,
  }),
  command({
    name: 'openclaw config schema',
    summary: 'Show what is allowed at a path, and whether a change restarts the gateway',
    args: ['server', 'path?'],
    run: schema,
  }),
  command({
    name: 'openclaw config history',
    summary: 'List the revisions of the config; with REV, show what that revision changed',
    args: ['server', 'rev?'],
    options: {
      limit: { type: 'string', value: 'NUMBER', summary: 'Maximum number of results (default 20)' },
    },
    run: history,
  }),
];
