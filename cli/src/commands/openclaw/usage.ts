// Tokens and cost of a server's agents, by model, agent and day.
import type { UsageFigures } from '@buoy/contract';
import {
  type Args,
  type Command,
  type Context,
  command,
  type Texts,
  textOption,
  UsageError,
} from '../../command.ts';
import { money, number } from '../../output/figures.ts';
import { serverIn } from '../../resolve-server.ts';
import { noteSource } from '../../source-note.ts';

async function usage(context: Context & Args<'server'> & Texts<'from' | 'to'>): Promise<void> {
  const { output } = context;
  const query = { from: dayOption(context, 'from'), to: dayOption(context, 'to') };
  const { api, id } = await serverIn(context);
  const answer = await api('GET /servers/:id/openclaw/usage', { params: { id }, query });
  const { from, to, totals, byModel, byAgent, byDay, fresh } = answer.usage;
  output.result(answer, () => {
    noteSource(context, answer);
    output.pairs([
      ['From', `${from} to ${to} (UTC)`],
      ['Tokens', number(totals.tokens)],
      ['Messages', totals.messages === null ? null : number(totals.messages)],
      ['Cost', money(totals.costUsd)],
    ]);
    const columns = ['TOKENS', 'IN', 'OUT', 'CACHED', 'COST'];
    const cells = (one: UsageFigures) => [
      number(one.tokens),
      number(one.input),
      number(one.output),
      number(one.cacheRead),
      money(one.costUsd),
    ];
    const part = (head: string, rows: string[][]) => {
      if (rows.length === 0) return;
      output.line('');
      output.table([head, ...columns], rows);
    };
    part(
      'MODEL',
      byModel.map((one) => [`${one.provider ?? '?'}/${one.model ?? '?'}`, ...cells(one)]),
    );
    part(
      'AGENT',
      byAgent.map((one) => [one.agentId, ...cells(one)]),
    );
    part(
      'DAY',
      byDay.filter(({ tokens }) => tokens > 0).map((one) => [one.date, ...cells(one)]),
    );
    if (!fresh) output.note('OpenClaw is still counting; try again in a few seconds.');
  });
}

function dayOption(context: Texts<'from' | 'to'>, name: 'from' | 'to'): string | undefined {
  const value = textOption(context, name);
  if (value !== undefined && !/^\d{4}-\d\d-\d\d$/.test(value))
    throw new UsageError(`--${name} takes a day such as 2026-03-01, not "${value}".`);
  return value;
}

export const usageCommands: readonly Command[] = [
  command({
    name: 'openclaw usage',
    summary: 'Show tokens and cost, by model, agent and day',
    args: ['server'],
    options: {
      from: {
        type: 'string',
        value: 'DAY',
        summary: 'First day, used with --to (default: the last 30 days)',
      },
      to: { type: 'string', value: 'DAY', summary: 'Last day' },
    },
    run: usage,
  }),
];
