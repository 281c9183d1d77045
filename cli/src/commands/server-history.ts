// The past of a server: its availability, and what its checks have seen.
import type { HistoryPoint } from '@buoy/contract';
import { type HistoryStep, historySteps } from '@buoy/contract/constants';
import { type Args, type Command, type Context, choiceOption, command, type Texts } from '../command.ts';
import { size } from '../output/ago.ts';
import { money, number } from '../output/figures.ts';
import { sparkline } from '../output/sparkline.ts';
import { fixedColumn } from '../output/table.ts';
import { serverIn } from '../resolve-server.ts';
import { fromIn, fromOption, sinceOption, timeOption, toOption } from '../since.ts';

/** Characters. */
const MAX_SPARKLINE = 60;
/** Characters for the names beside the lines. */
const SPARKLINE_MARGIN = 14;

async function history(
  context: Context & Args<'server'> & Texts<'since' | 'from' | 'to' | 'step'>,
): Promise<void> {
  const { output, terminal } = context;
  const step = choiceOption(context, 'step', historySteps) ?? 'hour';
  const from = fromIn(context);
  const to = timeOption(context, 'to');
  const { api, id } = await serverIn(context);
  const answer = await api('GET /servers/:id/history', {
    params: { id },
    query: { step, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) },
  });
  output.result(answer, () => {
    const { h24, d7, d90 } = answer.availability;
    output.pairs([
      ['Up in 24 h', percent(h24)],
      ['Up in 7 d', percent(d7)],
      ['Up in 90 d', percent(d90)],
      ...(terminal.isTty ? sparklines(answer.points, terminal.columns) : []),
    ]);
    output.table(
      ['AT', fixedColumn('STATE'), 'UP', 'ANSWER', 'DISK', 'MEMORY', 'GATEWAY', 'SESSIONS', 'TOKENS', 'COST'],
      answer.points.map((point) => rowOf(point, answer.step)),
      'No checks in this time.',
    );
    if (answer.step !== step)
      output.note(`By the ${answer.step}: for so long a time, nothing finer is kept or shown.`);
  });
}

/** The values over time in a line each, for a person at a terminal; scripts take the table or JSON. */
function sparklines(points: readonly HistoryPoint[], columns: number): Array<[string, string]> {
  const width = Math.min(MAX_SPARKLINE, columns - SPARKLINE_MARGIN);
  const line = (
    name: string,
    values: ReadonlyArray<number | null>,
    most?: number,
  ): Array<[string, string]> =>
    values.every((value) => value === null) ? [] : [[name, sparkline(values, width, most)]];
  return [
    ...line(
      'Up',
      points.map(({ upShare }) => upShare),
      1,
    ),
    ...line(
      'Answer',
      points.map(({ latencyMs }) => latencyMs),
    ),
    ...line(
      'Disk',
      points.map(({ diskUsedShare }) => diskUsedShare),
      1,
    ),
    ...line(
      'Memory',
      points.map(({ memoryUsedShare }) => memoryUsedShare),
      1,
    ),
  ];
}

function rowOf(point: HistoryPoint, step: HistoryStep): string[] {
  const or = <T>(value: T | null, text: (value: T) => string) => (value === null ? '-' : text(value));
  return [
    step === 'day' ? point.at.slice(0, 10) : `${point.at.slice(0, 16).replace('T', ' ')}Z`,
    point.state,
    percent(point.upShare),
    or(point.latencyMs, (ms) => `${number(ms)} ms`),
    percent(point.diskUsedShare, 0),
    percent(point.memoryUsedShare, 0),
    or(point.gatewayRssBytes, size),
    or(point.sessions, number),
    or(point.tokens, number),
    or(point.costUsd, money),
  ];
}

/** Rounded down, so that 100 % means all of it. */
function percent(share: number | null, digits = 2): string {
  if (share === null) return '-';
  const factor = 10 ** digits;
  return `${(Math.floor(share * 100 * factor) / factor).toFixed(share === 1 || share === 0 ? 0 : digits)} %`;
}

export const serverHistoryCommands: readonly Command[] = [
  command({
    name: 'servers history',
    summary: 'Show for how much of the time a server was up, and what its checks have seen',
    args: ['server'],
    options: {
      since: sinceOption,
      from: fromOption,
      to: toOption,
      step: {
        type: 'string',
        value: 'STEP',
        choices: historySteps,
        summary: 'One line for each check (raw), hour or day; hour unless set',
      },
    },
    run: history,
  }),
];
