// Notification settings: which alerts a person receives, quiet hours, reminders and escalation.
import type { Contract, RequestOf, ResponseOf } from '@buoy/contract';
import {
  type Command,
  type Context,
  choiceOption,
  command,
  type Flags,
  type Given,
  isSet,
  type Texts,
  textOption,
  UsageError,
} from '../command.ts';
import { alertFilterIn, alertFilterOptions, alertFilterPairs } from './alert-filter.ts';

type Answer = ResponseOf<Contract['GET /me/notification-prefs']>;
type Change = RequestOf<Contract['PUT /me/notification-prefs']>['body'];

async function show(context: Context): Promise<void> {
  const answer = await context.api()('GET /me/notification-prefs');
  context.output.result(answer, () => showPrefs(context, answer));
}

function showPrefs({ output }: Context, { notificationPrefs, now }: Answer): void {
  const { mutedTypes, quietHours, criticalBreaksQuiet, minSeverity, reminders, escalationOnly } =
    notificationPrefs;
  const { enabled, start, end, timezone } = quietHours;
  const comes = [...(now.critical ? ['critical alerts'] : []), ...(now.warning ? ['warnings'] : [])];
  output.pairs([
    ...alertFilterPairs(minSeverity, mutedTypes),
    ['Quiet', enabled ? `${start} to ${end} ${timezone}` : 'never'],
    ['When quiet', criticalBreaksQuiet ? 'critical alerts are still sent' : 'nothing is sent'],
    ['Reminders', reminders ? 'until somebody takes care' : 'none'],
    ['Told', escalationOnly ? 'only of what nobody takes care of within 30 minutes' : 'at once'],
    [
      'Now',
      `${comes.join(' and ') || 'nothing'} would be sent${now.quietUntil === null ? '' : `; quiet until ${now.quietUntil}`}`,
    ],
  ]);
}

/** Builds quiet hours from --quiet, --no-quiet and --timezone. The server validates times and zones. */
function quietIn(context: Context & Texts<'quiet' | 'timezone'> & Flags<'no-quiet'>): Change['quietHours'] {
  const quiet = textOption(context, 'quiet');
  const timezone = textOption(context, 'timezone');
  const isOff = isSet(context, 'no-quiet');
  if (quiet !== undefined && isOff) throw new UsageError('--quiet and --no-quiet do not go together.');
  const [, start, end] = /^(\d\d:\d\d)-(\d\d:\d\d)$/.exec(quiet ?? '') ?? [];
  if (quiet !== undefined && (start === undefined || end === undefined))
    throw new UsageError(`--quiet takes times such as 22:00-07:00, not "${quiet}".`);
  const change = {
    ...(isOff ? { enabled: false } : {}),
    ...(start === undefined || end === undefined ? {} : { enabled: true, start, end }),
    ...(timezone === undefined ? {} : { timezone }),
  };
  return Object.keys(change).length === 0 ? undefined : change;
}

async function set(
  context: Context &
    Given<typeof alertFilterOptions> &
    Texts<'critical-when-quiet' | 'escalation-only' | 'quiet' | 'reminders' | 'timezone'> &
    Flags<'no-quiet'>,
): Promise<void> {
  const { minSeverity, changeMuted } = alertFilterIn(context);
  const quietHours = quietIn(context);
  const breaks = choiceOption(context, 'critical-when-quiet', ['yes', 'no']);
  const reminders = choiceOption(context, 'reminders', ['yes', 'no']);
  const escalationOnly = choiceOption(context, 'escalation-only', ['yes', 'no']);
  const change: Change = {
    ...(quietHours === undefined ? {} : { quietHours }),
    ...(minSeverity === undefined ? {} : { minSeverity }),
    ...(breaks === undefined ? {} : { criticalBreaksQuiet: breaks === 'yes' }),
    ...(reminders === undefined ? {} : { reminders: reminders === 'yes' }),
    ...(escalationOnly === undefined ? {} : { escalationOnly: escalationOnly === 'yes' }),
  };
  if (changeMuted === null && Object.keys(change).length === 0)
    throw new UsageError('Nothing to change.', 'See buoy notifications set --help');
  const api = context.api();
  if (changeMuted !== null) {
    const { notificationPrefs } = await api('GET /me/notification-prefs');
    change.mutedTypes = changeMuted(notificationPrefs.mutedTypes);
  }
  const answer = await api('PUT /me/notification-prefs', { body: change });
  context.output.result(answer, () => showPrefs(context, answer));
}

export const notificationCommands: readonly Command[] = [
  command({
    name: 'notifications show',
    summary: 'Show which alerts you receive, and your quiet hours',
    run: show,
  }),
  command({
    name: 'notifications set',
    summary: 'Change your notification settings; options you leave out stay as they are',
    options: {
      ...alertFilterOptions,
      quiet: { type: 'string', value: 'FROM-TO', summary: 'Daily quiet hours, as in 22:00-07:00' },
      'no-quiet': { type: 'boolean', summary: 'No quiet hours' },
      timezone: {
        type: 'string',
        value: 'ZONE',
        summary: 'Time zone of the quiet hours, as in Europe/Berlin',
      },
      'critical-when-quiet': {
        type: 'string',
        value: 'yes|no',
        summary: 'Whether critical alerts are sent during quiet hours',
      },
      reminders: {
        type: 'string',
        value: 'yes|no',
        summary: 'Whether you are told again of alerts that nobody takes care of',
      },
      'escalation-only': {
        type: 'string',
        value: 'yes|no',
        summary: 'Whether you are told only of alerts that nobody takes care of within 30 minutes',
      },
    },
    run: set,
  }),
];
