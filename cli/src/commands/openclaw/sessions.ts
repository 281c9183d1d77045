// Conversations with agents: which there are, what was said, and tidying up.
import type { OpenclawMessage, OpenclawSession } from '@buoy/contract';
import { type Command, type Context, isSet, numberOption, textOption } from '../../command.ts';
import { confirm, yesOption } from '../../confirm.ts';
import { ago } from '../../output/ago.ts';
import { money, number } from '../../output/figures.ts';
import { whole } from '../../output/table.ts';
import { serverIn } from '../../resolve-server.ts';
import { noteSource } from '../../source-note.ts';
import { sessionIn } from './choose-session.ts';

const PAGE = 50;
const MESSAGES = 20;

async function list(context: Context): Promise<void> {
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
      ['SESSION', 'TITLE', whole('STATE'), 'TOKENS', 'COST', 'ACTIVE'],
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
    if (answer.nextCursor !== null) output.note('There are more: --limit, --search or --agent.');
  });
}

async function show(context: Context): Promise<void> {
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
    ['Put away', known(session.archived)],
  ]);
}

async function messages(context: Context): Promise<void> {
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
    if (answer.messages.length === 0) output.note('Nothing was said.');
    if (answer.nextCursor !== null) output.note(`What was said before: --before ${answer.nextCursor}`);
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

async function abort(context: Context): Promise<void> {
  const { api, params } = await sessionIn(context);
  const answer = await api('POST /servers/:id/openclaw/sessions/:key/abort', { params, body: {} });
  context.output.result(answer, () =>
    context.output.line(answer.aborted ? 'Stopped.' : 'Nothing ran there.'),
  );
}

async function reset(context: Context): Promise<void> {
  const { api, params, key } = await sessionIn(context);
  await confirm(context, `Begin ${key} anew? The agent forgets what was said in it.`);
  const answer = await api('POST /servers/:id/openclaw/sessions/:key/reset', { params });
  context.output.result(answer, () => context.output.line(`${key} begins anew.`));
}

async function compact(context: Context): Promise<number | undefined> {
  const { output } = context;
  const { api, params, key } = await sessionIn(context);
  const answer = await api('POST /servers/:id/openclaw/sessions/:key/compact', { params });
  const { compacted, reason, tokensBefore } = answer.compaction;
  output.result(answer, () => {
    if (compacted)
      output.line(`Summed up ${key}${tokensBefore === null ? '' : ` from ${number(tokensBefore)} tokens`}.`);
    else output.line(`Not summed up: ${reason ?? 'OpenClaw does not say why.'}`);
  });
  return compacted ? undefined : 1;
}

async function remove(context: Context): Promise<void> {
  const { api, params, key } = await sessionIn(context);
  await confirm(context, `Delete ${key}? OpenClaw keeps an archive of its transcript on the server.`);
  await api('DELETE /servers/:id/openclaw/sessions/:key', { params });
  context.output.result({ removed: key }, () => context.output.line(`Deleted ${key}.`));
}

const args = ['server', 'session'];

export const sessionCommands: readonly Command[] = [
  {
    name: 'openclaw sessions list',
    summary: 'Conversations, pinned ones first, then the newest',
    args: ['server'],
    options: {
      agent: { type: 'string', value: 'AGENT', summary: 'Only of the agent with this id' },
      search: { type: 'string', value: 'TEXT', summary: 'Only with this text in key or title' },
      archived: { type: 'boolean', summary: 'Those that were put away' },
      limit: { type: 'string', value: 'NUMBER', summary: 'At most so many; 50 unless told' },
    },
    run: list,
  },
  { name: 'openclaw sessions show', summary: 'One conversation', args, run: show },
  {
    name: 'openclaw sessions messages',
    summary: 'What was said, the newest last',
    args,
    options: {
      limit: { type: 'string', value: 'NUMBER', summary: 'At most so many; 20 unless told' },
      before: { type: 'string', value: 'CURSOR', summary: 'Before a page that was shown' },
    },
    run: messages,
  },
  { name: 'openclaw sessions abort', summary: 'Stop what the agent is doing there', args, run: abort },
  {
    name: 'openclaw sessions reset',
    summary: 'Begin anew under the same key',
    args,
    options: { yes: yesOption },
    run: reset,
  },
  {
    name: 'openclaw sessions compact',
    summary: 'Let the model sum up what was said',
    args,
    run: compact,
  },
  {
    name: 'openclaw sessions delete',
    summary: 'Delete a conversation',
    args,
    options: { yes: yesOption },
    run: remove,
  },
];
