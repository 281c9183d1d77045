// Conversations with agents: list, read, stop, reset, compact, delete.
import type { OpenclawMessage, OpenclawSession } from '@buoy/contract';
import {
  type Args,
  type Command,
  type Context,
  command,
  type Flags,
  isSet,
  numberOption,
  type Texts,
  textOption,
} from '../../command.ts';
import { confirm, yesOption } from '../../confirm.ts';
import { ago } from '../../output/ago.ts';
import { commandLine } from '../../output/command-line.ts';
import { money, number } from '../../output/figures.ts';
import { fixedColumn } from '../../output/table.ts';
import { serverIn } from '../../resolve-server.ts';
import { noteSource } from '../../source-note.ts';
import { sessionIn } from './choose-session.ts';

const PAGE = 50;
const MESSAGES = 20;

async function list(
  context: Context & Args<'server'> & Texts<'agent' | 'limit' | 'search'> & Flags<'archived'>,
): Promise<void> {
  const { output, terminal } = context;
  const { api, id } = await serverIn(context);
  const answer = await api('GET /servers/:id/openclaw/sessions', {
    params: { id },
    query: {
      agentId: textOption(context, 'agent'),
      q: textOption(context, 'search'),
      archived: isSet(context, 'archived') ? 'true' : 'false',
      limit: numberOption(context, 'limit', 1, 200) ?? PAGE,
    },
  });
  output.result(answer, () => {
    noteSource(context, answer);
    output.table(
      ['SESSION', 'TITLE', fixedColumn('STATE'), 'TOKENS', 'COST', 'ACTIVE'],
      answer.sessions.map((one) => [
        one.key,
        one.title,
        one.running ? 'running' : one.status,
        one.tokens.total === null ? null : number(one.tokens.total),
        one.costUsd === null ? null : money(one.costUsd),
        ago(one.lastInteractionAt ?? one.updatedAt, terminal.now()),
      ]),
      'No sessions.',
    );
    if (answer.nextCursor !== null) output.note('More sessions match: use --limit, --search or --agent.');
  });
}

async function show(context: Context & Args<'server' | 'session'>): Promise<void> {
  const { api, params } = await sessionIn(context);
  const answer = await api('GET /servers/:id/openclaw/sessions/:key', { params });
  context.output.result(answer, () => {
    noteSource(context, answer);
    showSession(context, answer.session);
  });
}

function showSession({ output, terminal }: Context, session: OpenclawSession): void {
  const { tokens, costUsd, thinking, thinkingLevels } = session;
  const levels = thinking === null || thinkingLevels.length === 0 ? '' : `, of ${thinkingLevels.join(', ')}`;
  const known = (yes: boolean | null) => (yes === null ? null : yes ? 'yes' : 'no');
  const filled =
    tokens.total === null
      ? null
      : `${number(tokens.total)}${tokens.context === null ? '' : ` of ${number(tokens.context)}`}`;
  output.pairs([
    ['Session', session.key],
    ['Title', session.title],
    ['Agent', session.agentId],
    ['State', session.running ? 'running' : session.status],
    ['Model', session.model],
    ['Thinking', thinking === null ? null : `${thinking}${levels}`],
    [
      'Context',
      filled === null ? null : `${filled} tokens${tokens.staleSinceCompaction ? ', not counted lately' : ''}`,
    ],
    ['Last cost', costUsd === null ? null : money(costUsd)],
    ['Active', ago(session.lastInteractionAt ?? session.updatedAt, terminal.now())],
    ['Pinned', known(session.pinned)],
    ['Archived', known(session.archived)],
  ]);
}

async function messages(
  context: Context & Args<'server' | 'session'> & Texts<'before' | 'limit'>,
): Promise<void> {
  const { output } = context;
  const { api, params } = await sessionIn(context);
  const answer = await api('GET /servers/:id/openclaw/sessions/:key/messages', {
    params,
    query: {
      limit: numberOption(context, 'limit', 1, 200) ?? MESSAGES,
      cursor: textOption(context, 'before'),
    },
  });
  output.result(answer, () => {
    noteSource(context, answer);
    for (const message of answer.messages) output.line(said(context, message));
    if (answer.messages.length === 0) output.note('No messages.');
    if (answer.nextCursor !== null)
      output.note(`Earlier messages: ${commandLine('--before', answer.nextCursor)}`);
  });
}

function said({ output }: Context, message: OpenclawMessage): string {
  const { role, at, text, toolCalls, toolResult, attachments, error } = message;
  const who = role === 'tool' ? `tool ${toolResult?.name ?? ''}`.trim() : role;
  const parts = [
    text,
    ...toolCalls.map((call) => `→ ${call.name} ${JSON.stringify(call.arguments)}`),
    ...attachments.map((kind) => `[${kind}]`),
    ...(error === null ? [] : [output.colour('red', error)]),
  ].filter((part) => part !== '');
  const failed = toolResult?.failed ? ' failed' : '';
  return `${output.colour('bold', `${who}${failed}`)} ${output.colour('dim', at ?? '')}\n${parts.join('\n').replace(/^/gm, '  ')}`;
}

async function abort(context: Context & Args<'server' | 'session'>): Promise<void> {
  const { api, params } = await sessionIn(context);
  const answer = await api('POST /servers/:id/openclaw/sessions/:key/abort', { params, body: {} });
  context.output.result(answer, () =>
    context.output.line(answer.aborted ? 'Stopped.' : 'Nothing was running.'),
  );
}

async function reset(context: Context & Args<'server' | 'session'> & Flags<'yes'>): Promise<void> {
  const { api, params, key } = await sessionIn(context);
  await confirm(context, `Reset ${key}? The agent forgets this conversation.`);
  const answer = await api('POST /servers/:id/openclaw/sessions/:key/reset', { params });
  context.output.result(answer, () => context.output.line(`Reset ${key}.`));
}

async function compact(context: Context & Args<'server' | 'session'>): Promise<number | undefined> {
  const { output } = context;
  const { api, params, key } = await sessionIn(context);
  const answer = await api('POST /servers/:id/openclaw/sessions/:key/compact', { params });
  const { compacted, reason, tokensBefore } = answer.compaction;
  output.result(answer, () => {
    if (compacted)
      output.line(`Compacted ${key}${tokensBefore === null ? '' : ` from ${number(tokensBefore)} tokens`}.`);
    else output.line(`Not compacted: ${reason ?? 'OpenClaw gave no reason.'}`);
  });
  return compacted ? undefined : 1;
}

async function remove(context: Context & Args<'server' | 'session'> & Flags<'yes'>): Promise<void> {
  const { api, params, key } = await sessionIn(context);
  await confirm(context, `Delete ${key}? OpenClaw keeps an archive of its transcript on the server.`);
  await api('DELETE /servers/:id/openclaw/sessions/:key', { params });
  context.output.result({ removed: key }, () => context.output.line(`Deleted ${key}.`));
}

const args = ['server', 'session'] as const;

export const sessionCommands: readonly Command[] = [
  command({
    name: 'openclaw sessions list',
    summary: 'List conversations: pinned first, then the newest',
    args: ['server'],
    options: {
      agent: { type: 'string', value: 'AGENT', summary: 'Only sessions of the agent with this id' },
      search: { type: 'string', value: 'TEXT', summary: 'Only sessions with this text in key or title' },
      archived: { type: 'boolean', summary: 'Only archived sessions' },
      limit: { type: 'string', value: 'NUMBER', summary: 'Maximum number of results (default 50)' },
    },
    run: list,
  }),
  command({ name: 'openclaw sessions show', summary: 'Show one conversation', args, run: show }),
  command({
    name: 'openclaw sessions messages',
    summary: 'Print the messages, newest last',
    args,
    options: {
      limit: { type: 'string', value: 'NUMBER', summary: 'Maximum number of results (default 20)' },
      before: { type: 'string', value: 'CURSOR', summary: 'Messages before this page' },
    },
    run: messages,
  }),
  command({
    name: 'openclaw sessions abort',
    summary: 'Stop what the agent is doing in a conversation',
    args,
    run: abort,
  }),
  command({
    name: 'openclaw sessions reset',
    summary: 'Reset a conversation; its key stays',
    args,
    options: { yes: yesOption },
    run: reset,
  }),
  command({
    name: 'openclaw sessions compact',
    summary: 'Let the model summarize a conversation',
    args,
    run: compact,
  }),
  command({
    name: 'openclaw sessions delete',
    summary: 'Delete a conversation',
    args,
    options: { yes: yesOption },
    run: remove,
  }),
];
