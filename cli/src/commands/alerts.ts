// Alerts: list, acknowledge, snooze and mark as read.
import type { Alert, Contract, RequestOf } from '@buoy/contract';
import type { Client } from '@buoy/contract/client';
import { alertStatuses } from '@buoy/contract/constants';
import { choose } from '../choose.ts';
import {
  type Args,
  arg,
  type Command,
  type Context,
  choiceOption,
  command,
  type Flags,
  isSet,
  numberOption,
  type Texts,
  textOption,
  UsageError,
} from '../command.ts';
import { withList } from '../list-hint.ts';
import { ago } from '../output/ago.ts';
import { durationOf } from '../output/duration.ts';
import { fixedColumn, wrappedColumn } from '../output/table.ts';
import { resolveServer, serverNames } from '../resolve-server.ts';
import { sinceIn, sinceOption, wantedItems } from '../since.ts';
import { watched, watchOption } from '../watch.ts';

const PAGE = 50;
const MAX_PAGE = 200;
const MINUTE_MS = 60_000;
const MIN_SNOOZE_MINUTES = 5;
const MAX_SNOOZE_MINUTES = 7 * 24 * 60;
const LIST = 'buoy alerts list';

async function list(
  context: Context & Texts<'server' | 'limit' | 'since' | 'status'> & Flags<'unread' | 'watch'>,
): Promise<void> {
  const { output, terminal } = context;
  const status = choiceOption(context, 'status', alertStatuses);
  const limit = numberOption(context, 'limit', 1, MAX_PAGE) ?? PAGE;
  const unread = isSet(context, 'unread');
  const since = sinceIn(context);
  const api = context.api();
  const server = textOption(context, 'server');
  const query = {
    limit,
    status,
    unread: unread ? 'true' : 'false',
    ...(server === undefined ? {} : { serverId: (await resolveServer(api, server)).id }),
  } as const;
  await watched(context, async () => {
    const answer =
      since === undefined ? await api('GET /alerts', { query }) : await alertsSince(api, query, since);
    const nameOf = await serverNames(context, api);
    output.result(answer, () => {
      output.table(
        [
          'ALERT',
          'SERVER',
          fixedColumn('SEVERITY'),
          fixedColumn('STATUS'),
          'BEGAN',
          'NEW',
          wrappedColumn('WHAT'),
        ],
        answer.alerts.map((one) => [
          one.id,
          nameOf(one.serverId),
          one.severity,
          one.status,
          ago(one.firstAt, terminal.now()),
          one.readAt === null ? '*' : '',
          one.cause,
        ]),
        `${['No', ...(unread ? ['unread'] : []), ...(status === undefined ? [] : [status]), 'alerts'].join(' ')}.`,
      );
      if (answer.nextCursor !== null)
        output.note(
          limit === MAX_PAGE
            ? 'More alerts match: narrow the list with --server or --status.'
            : 'More alerts match: use --limit, --server or --status.',
        );
    });
  });
}

type AlertQuery = NonNullable<RequestOf<Contract['GET /alerts']>['query']> & { limit: number };

/** Alerts last seen since that time. Open alerts come first, then the newest. */
async function alertsSince(api: Client, query: AlertQuery, since: number) {
  let unread = 0;
  const isOld = ({ lastAt }: Alert) => Date.parse(lastAt) < since;
  const alerts = await wantedItems(
    async (cursor) => {
      const page = await api('GET /alerts', { query: { ...query, cursor } });
      unread = page.unread;
      return { items: page.alerts, nextCursor: page.nextCursor };
    },
    {
      limit: query.limit,
      isWanted: (alert) => !isOld(alert),
      isOver: (alert) => isOver(alert) && isOld(alert),
    },
  );
  return { alerts, nextCursor: null, unread };
}

/** Reads all pages, or stops after the first page for which `isEnough` returns true. */
async function allAlerts(
  api: Client,
  unread: 'true' | 'false',
  isEnough: (page: readonly Alert[]) => boolean = () => false,
): Promise<Alert[]> {
  const alerts: Alert[] = [];
  let cursor: string | undefined;
  do {
    const page = await api('GET /alerts', { query: { unread, limit: MAX_PAGE, cursor } });
    alerts.push(...page.alerts);
    cursor = isEnough(page.alerts) ? undefined : (page.nextCursor ?? undefined);
  } while (cursor !== undefined);
  return alerts;
}

const isOver = ({ status }: Alert): boolean => status === 'resolved';

/** The API lists open alerts first, so reading stops at the first resolved one. */
async function openAlerts(api: Client): Promise<Alert[]> {
  const alerts = await allAlerts(api, 'false', (page) => page.some(isOver));
  return alerts.filter((alert) => !isOver(alert));
}

/** Whether the text has the form of an alert id: it may be the id of an alert not read here, such as a resolved one. */
const mayBeId = (typed: string): boolean => /^[A-Za-z0-9_-]{1,64}$/.test(typed);

/** Expands the beginning of the id of a known alert; any other valid id is passed to the API, which knows more alerts. */
function alertIdIn(known: readonly Alert[], wanted: string): string {
  const isBeginning = known.some(({ id }) => id.toLowerCase().startsWith(wanted.toLowerCase()));
  if (!isBeginning && mayBeId(wanted)) return wanted;
  return choose(known, wanted, {
    singular: 'alert',
    plural: 'alerts',
    where: ' that you can see',
    id: ({ id }) => id,
    names: ({ id }) => [id],
    list: LIST,
  }).id;
}

/** The id of an open alert from its beginning; any other valid id is that of an alert that the API knows. */
export async function alertIdOf(api: Client, wanted: string): Promise<string> {
  return alertIdIn(await openAlerts(api), wanted);
}

/** @throws CommandError when the API does not know the alert */
export function ofAlert<T>(id: string, answer: Promise<T>): Promise<T> {
  return withList(answer, LIST, `There is no alert "${id}" that you can see.`);
}

async function acknowledge(context: Context & Args<'alert'>): Promise<void> {
  const api = context.api();
  const id = await alertIdOf(api, arg(context, 'alert'));
  const answer = await ofAlert(id, api('POST /alerts/:id/ack', { params: { id } }));
  const nameOf = await serverNames(context, api);
  context.output.result(answer, () =>
    context.output.line(`Acknowledged on ${nameOf(answer.alert.serverId)}: ${answer.alert.cause}`),
  );
}

/** Reads --for as minutes. @throws UsageError */
function snoozeIn(context: Context & Texts<'for'>): RequestOf<Contract['POST /alerts/:id/snooze']>['body'] {
  const typed = textOption(context, 'for');
  if (typed === undefined)
    throw new UsageError('For how long? Give --for TIME, as in --for 8h.', 'See buoy alerts snooze --help');
  const minutes = durationOf(typed, 'for') / MINUTE_MS;
  if (!Number.isInteger(minutes) || minutes < MIN_SNOOZE_MINUTES || minutes > MAX_SNOOZE_MINUTES)
    throw new UsageError(`--for takes whole minutes from 5m to 7d, not "${typed}".`);
  return { minutes };
}

async function snooze(context: Context & Args<'alert'> & Texts<'for'>): Promise<void> {
  const body = snoozeIn(context);
  const api = context.api();
  const id = await alertIdOf(api, arg(context, 'alert'));
  const answer = await ofAlert(id, api('POST /alerts/:id/snooze', { params: { id }, body }));
  const nameOf = await serverNames(context, api);
  const { alert } = answer;
  context.output.result(answer, () =>
    context.output.line(`Snoozed on ${nameOf(alert.serverId)} until ${alert.snoozedUntil}: ${alert.cause}`),
  );
}

async function read(context: Context & Flags<'all'>): Promise<void> {
  const { output, rest } = context;
  const isAll = isSet(context, 'all');
  if (isAll && rest.length > 0) throw new UsageError('ALERT and --all do not go together.');
  if (!isAll && rest.length === 0)
    throw new UsageError('Which alerts? Give their ids, or --all.', `List them: ${LIST} --unread`);
  const api = context.api();
  const unread = await allAlerts(api, 'true');
  const ids = isAll ? unread.map(({ id }) => id) : rest.map((wanted) => alertIdIn(unread, wanted));
  const alerts: Alert[] = [];
  for (const id of new Set(ids))
    alerts.push((await ofAlert(id, api('POST /alerts/:id/read', { params: { id } }))).alert);
  const nameOf = await serverNames(context, api);
  output.result({ alerts }, () => {
    if (alerts.length === 0) output.note('No unread alerts.');
    for (const alert of alerts) output.line(`Marked as read on ${nameOf(alert.serverId)}: ${alert.cause}`);
  });
}

export const alertCommands: readonly Command[] = [
  command({
    name: 'alerts list',
    summary: 'List alerts: open alerts first, then the newest',
    options: {
      server: { type: 'string', value: 'SERVER', summary: 'Only this server' },
      status: {
        type: 'string',
        value: 'STATUS',
        choices: alertStatuses,
        summary: `Only in this state: ${alertStatuses.join(', ')}`,
      },
      unread: { type: 'boolean', summary: 'Only unread alerts' },
      since: sinceOption,
      limit: { type: 'string', value: 'NUMBER', summary: 'Maximum number of results (default 50)' },
      watch: watchOption,
    },
    run: list,
  }),
  command({
    name: 'alerts ack',
    summary: 'Acknowledge an alert: no more notifications unless it gets worse or comes back',
    args: ['alert'],
    run: acknowledge,
  }),
  command({
    name: 'alerts snooze',
    summary: 'Pause the notifications of an alert; they resume if it is still firing',
    args: ['alert'],
    options: { for: { type: 'string', value: 'TIME', summary: 'For 5m to 7d, as in 30m, 8h or 2d' } },
    run: snooze,
  }),
  command({
    name: 'alerts read',
    summary: 'Mark alerts as read',
    args: ['alert?...'],
    options: { all: { type: 'boolean', summary: 'All unread alerts' } },
    run: read,
  }),
];
