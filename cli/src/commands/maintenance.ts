// Maintenance windows, of one server or of those with a tag: in them, nobody is told of alerts.
import type { Contract, MaintenanceWindow, RequestOf } from '@buoy/contract';
import type { Client } from '@buoy/contract/client';
import { weekdays } from '@buoy/contract/constants';
import {
  type Command,
  type Context,
  command,
  type Flags,
  type Texts,
  textOption,
  UsageError,
} from '../command.ts';
import { confirm, yesOption } from '../confirm.ts';
import { withList } from '../list-hint.ts';
import { durationOf } from '../output/duration.ts';
import { fixedColumn } from '../output/table.ts';
import { daysOf, windowText } from '../output/weekly-window.ts';
import { personNames } from '../person-names.ts';
import { serverNames } from '../resolve-server.ts';
import { type ServerOrTag, type ServerScope, serverOrTag, tagOption } from '../server-or-tag.ts';
import { wantedItems } from '../since.ts';

const PAGE = 200;
const MINUTE_MS = 60_000;

type NewWindow = RequestOf<Contract['POST /servers/:id/maintenance']>['body'];

function windowsOf(api: Client, scope: ServerScope): Promise<MaintenanceWindow[]> {
  return wantedItems(
    async (cursor) => {
      const page = { limit: PAGE, cursor };
      const { windows, nextCursor } =
        'tag' in scope
          ? await api('GET /maintenance', { query: { ...page, tag: scope.tag } })
          : await api('GET /servers/:id/maintenance', { params: { id: scope.id }, query: page });
      return { items: windows, nextCursor };
    },
    { limit: Number.POSITIVE_INFINITY, isWanted: () => true, isOver: () => false },
  );
}

async function list(context: ServerOrTag): Promise<void> {
  const api = context.api();
  const windows = await windowsOf(api, await serverOrTag(context, api));
  await show(context, api, windows, { windows });
}

async function show(
  context: Context,
  api: Client,
  windows: readonly MaintenanceWindow[],
  answer: object,
): Promise<void> {
  const { output } = context;
  const nameOf = await serverNames(context, api);
  const personOf = await personNames(
    context,
    api,
    windows.map(({ createdBy, serverId }) => ({ userId: createdBy, serverId })),
  );
  output.result(answer, () =>
    output.table(
      ['WINDOW', 'SERVER', fixedColumn('ACTIVE'), 'BEGINS', 'UNTIL', 'TIMES', 'BY', 'REASON'],
      windows.map((one) => [
        one.id,
        nameOf(one.serverId),
        one.active ? 'yes' : 'no',
        one.startsAt,
        one.until,
        timesOf(one),
        personOf(one.createdBy),
        one.reason,
      ]),
      'No maintenance windows.',
    ),
  );
}

function timesOf(window: MaintenanceWindow): string {
  if (window.kind === 'weekly') return windowText(window.weekly);
  if (window.kind === 'cron') return `${window.cron} ${window.timezone}, ${window.minutes} min`;
  return 'once';
}

type TimeOptions = Texts<'for' | 'from' | 'to' | 'weekly' | 'days' | 'timezone' | 'cron' | 'reason'>;

async function add(context: ServerOrTag & TimeOptions): Promise<void> {
  const reason = textOption(context, 'reason');
  const body: NewWindow = { ...timesIn(context), ...(reason === undefined ? {} : { reason }) };
  const api = context.api();
  const scope = await serverOrTag(context, api);
  if ('tag' in scope) {
    const answer = await api('POST /maintenance', { query: { tag: scope.tag }, body });
    return show(context, api, answer.windows, answer);
  }
  const answer = await api('POST /servers/:id/maintenance', { params: { id: scope.id }, body });
  return show(context, api, [answer.window], answer);
}

/** One of the four forms. The server validates times, zones and cron. */
function timesIn(context: Context & TimeOptions): NewWindow {
  const [length, from, to] = [
    textOption(context, 'for'),
    textOption(context, 'from'),
    textOption(context, 'to'),
  ];
  const [weekly, days, timezone, cron] = [
    textOption(context, 'weekly'),
    textOption(context, 'days'),
    textOption(context, 'timezone'),
    textOption(context, 'cron'),
  ];
  const given = (...options: Array<string | undefined>) => options.some((one) => one !== undefined);
  const minutes = length === undefined ? undefined : minutesOf(length);
  if (weekly !== undefined && timezone !== undefined && !given(length, from, to, cron))
    return { weekly: { ...hoursOf(weekly), days: daysOf(days ?? weekdays.join(',')), timezone } };
  if (cron !== undefined && minutes !== undefined && timezone !== undefined && !given(from, to, weekly, days))
    return { cron, minutes, timezone };
  if (from !== undefined && to !== undefined && !given(length, weekly, days, timezone, cron))
    return { from: timeOf(from, 'from'), to: timeOf(to, 'to') };
  if (minutes !== undefined && !given(from, to, weekly, days, timezone, cron)) return { minutes };
  throw new UsageError(
    'At which times? Give --for, or --from and --to, or --weekly and --timezone, or --cron, --for and --timezone.',
    'See buoy maintenance add --help',
  );
}

function minutesOf(typed: string): number {
  const minutes = durationOf(typed, 'for') / MINUTE_MS;
  if (!Number.isInteger(minutes)) throw new UsageError(`--for takes whole minutes, not "${typed}".`);
  return minutes;
}

function hoursOf(typed: string): { start: string; end: string } {
  const [, start, end] = /^(\d\d:\d\d)-(\d\d:\d\d)$/.exec(typed) ?? [];
  if (start === undefined || end === undefined)
    throw new UsageError(`--weekly takes times such as 02:00-04:00, not "${typed}".`);
  return { start, end };
}

function timeOf(typed: string, option: string): string {
  const time = Date.parse(typed);
  if (Number.isNaN(time))
    throw new UsageError(`--${option} takes a time such as 2026-12-24T22:00Z, not "${typed}".`);
  return new Date(time).toISOString();
}

async function end(context: ServerOrTag & Texts<'window'> & Flags<'yes'>): Promise<void> {
  const { output } = context;
  const windowId = textOption(context, 'window');
  const api = context.api();
  const scope = await serverOrTag(context, api);
  const { words } = scope;
  if (windowId !== undefined) {
    if ('tag' in scope) throw new UsageError('--window goes with a server, not with --tag.');
    const call = api('DELETE /servers/:id/maintenance/:windowId', { params: { id: scope.id, windowId } });
    await withList(call, `buoy maintenance list '${words}'`);
    return output.result({ removed: windowId }, () =>
      output.line(`Removed the maintenance window ${windowId}.`),
    );
  }
  const { length } = await windowsOf(api, scope);
  if (length > 0)
    await confirm(context, `End maintenance of ${words}, and remove ${length} maintenance window(s)?`);
  if ('tag' in scope) await api('DELETE /maintenance', { query: { tag: scope.tag } });
  else await api('DELETE /servers/:id/maintenance', { params: { id: scope.id } });
  output.result({ ended: length }, () => output.line(`Maintenance of ${words} has ended.`));
}

export const maintenanceCommands: readonly Command[] = [
  command({
    name: 'maintenance list',
    summary: 'List maintenance windows: who set them, and until when they last',
    args: ['server?'],
    options: { tag: tagOption },
    run: list,
  }),
  command({
    name: 'maintenance add',
    summary: 'Start or plan maintenance: alerts are told at its end, if the problem is still there',
    args: ['server?'],
    options: {
      tag: tagOption,
      for: {
        type: 'string',
        value: 'TIME',
        summary: 'How long, from now or from each time of --cron: 30m, 4h',
      },
      from: { type: 'string', value: 'TIME', summary: 'When it begins, as in 2026-12-24T22:00Z' },
      to: { type: 'string', value: 'TIME', summary: 'When it ends' },
      weekly: { type: 'string', value: 'FROM-TO', summary: 'Each week at these times, as in 02:00-04:00' },
      days: {
        type: 'string',
        value: 'DAYS',
        summary: 'Days of --weekly, as in mon-fri (default: every day)',
      },
      cron: { type: 'string', value: 'EXPRESSION', summary: "At these times, as in '0 3 1 * *'" },
      timezone: {
        type: 'string',
        value: 'ZONE',
        summary: 'Time zone of --weekly and --cron, as in Europe/Berlin',
      },
      reason: { type: 'string', value: 'TEXT', summary: 'Why, for everybody who sees the server' },
    },
    run: add,
  }),
  command({
    name: 'maintenance end',
    summary: 'End maintenance now, and remove its windows',
    args: ['server?'],
    options: {
      tag: tagOption,
      window: { type: 'string', value: 'ID', summary: 'Remove this window only' },
      yes: yesOption,
    },
    run: end,
  }),
];
