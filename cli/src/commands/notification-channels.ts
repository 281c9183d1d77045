// Notification channels, where your notifications go: list, add, confirm, update, remove and test.
import type { Contract, NotificationChannel, RequestOf } from '@buoy/contract';
import { choose, withId } from '../choose.ts';
import {
  type Args,
  arg,
  type Command,
  type Context,
  command,
  exitCodes,
  type Flags,
  type Given,
  isSet,
  type Texts,
  textOption,
  UsageError,
} from '../command.ts';
import { confirm, yesOption } from '../confirm.ts';
import { ago } from '../output/ago.ts';
import type { Output } from '../output/output.ts';
import { fixedColumn, wrappedColumn } from '../output/table.ts';
import { addNotificationChannelCommands } from './add-notification-channel.ts';
import { alertFilterIn, alertFilterOptions, alertFilterPairs } from './alert-filter.ts';

const LIST = 'buoy notifications channels list';

type Change = RequestOf<Contract['PUT /me/notification-channels/:id']>['body'];
type OneChannel = Context & Args<'channel'>;

async function list(context: Context): Promise<void> {
  const { output, terminal } = context;
  const answer = await context.api()('GET /me/notification-channels');
  output.result(answer, () => {
    output.table(
      [
        ...['CHANNEL', 'TYPE', 'LABEL', 'TARGET'],
        ...[fixedColumn('STATE'), fixedColumn('ALERTS')],
        ...['MUTED', 'SENT', wrappedColumn('ERROR')],
      ],
      answer.channels.map((one) => [
        ...[one.id, one.type, one.label, one.target],
        ...[stateOf(one), one.minSeverity === 'warning' ? 'all' : 'critical'],
        ...[one.mutedTypes.join(','), ago(one.lastSentAt, terminal.now()), one.lastError],
      ]),
      'No channels. To add one, see buoy notifications channels add --help',
    );
    if (!answer.reachable) output.note('No notification would reach you.');
  });
}

function stateOf({ enabled, state }: NotificationChannel): string {
  return enabled ? state : 'disabled';
}

async function channelIn(context: OneChannel) {
  const api = context.api();
  const { channels } = await api('GET /me/notification-channels');
  const channel = choose(channels, arg(context, 'channel'), {
    singular: 'notification channel',
    plural: 'notification channels',
    where: ' of yours',
    id: ({ id }) => id,
    names: ({ label, id }) => [label, id],
    list: LIST,
  });
  return { api, channel, params: { id: channel.id } };
}

function nameOf({ label, id }: NotificationChannel): string {
  return withId(label, id);
}

async function confirmAddress(context: OneChannel & Args<'code'>): Promise<void> {
  const { api, params } = await channelIn(context);
  const answer = await api('POST /me/notification-channels/:id/confirm', {
    params,
    body: { code: arg(context, 'code') },
  });
  context.output.result(answer, () => context.output.line(`Confirmed ${nameOf(answer.channel)}.`));
}

async function update(
  context: OneChannel & Given<typeof alertFilterOptions> & Texts<'label'> & Flags<'disable' | 'enable'>,
): Promise<void> {
  const { minSeverity, changeMuted } = alertFilterIn(context);
  const label = textOption(context, 'label');
  const [enable, disable] = [isSet(context, 'enable'), isSet(context, 'disable')];
  if (enable && disable) throw new UsageError('--enable and --disable do not go together.');
  const change: Change = {
    ...(label === undefined ? {} : { label }),
    ...(enable || disable ? { enabled: enable } : {}),
    ...(minSeverity === undefined ? {} : { minSeverity }),
  };
  if (changeMuted === null && Object.keys(change).length === 0)
    throw new UsageError('Nothing to change.', 'See buoy notifications channels update --help');
  const { api, channel, params } = await channelIn(context);
  if (changeMuted !== null) change.mutedTypes = changeMuted(channel.mutedTypes);
  const answer = await api('PUT /me/notification-channels/:id', { params, body: change });
  context.output.result(answer, () => showChannel(context, answer.channel));
}

function showChannel({ output }: Context, channel: NotificationChannel): void {
  const { id, type, label, target, minSeverity, mutedTypes } = channel;
  output.pairs([
    ['Channel', id],
    ['Type', type],
    ['Label', label],
    ['Target', target],
    ['State', stateOf(channel)],
    ...alertFilterPairs(minSeverity, mutedTypes),
  ]);
}

async function remove(context: OneChannel & Flags<'yes'>): Promise<void> {
  const { output } = context;
  const { api, channel, params } = await channelIn(context);
  const name = nameOf(channel);
  await confirm(context, `Remove the ${channel.type} channel ${name}? It gets no more notifications.`);
  await api('DELETE /me/notification-channels/:id', { params });
  output.result({ removed: channel.id }, () => output.line(`Removed ${name}.`));
}

async function test(context: OneChannel): Promise<number | undefined> {
  return context.args.channel === undefined ? testAll(context) : testOne(context);
}

async function testOne(context: OneChannel): Promise<number | undefined> {
  const { output } = context;
  const { api, channel, params } = await channelIn(context);
  const answer = await api('POST /me/notification-channels/:id/test', { params });
  output.result(answer, () => showTest(output, nameOf(channel), answer));
  return answer.delivered ? undefined : exitCodes.failed;
}

async function testAll(context: Context): Promise<number | undefined> {
  const { output } = context;
  const api = context.api();
  const { channels } = await api('GET /me/notification-channels');
  const answer = await api('POST /me/notification-channels/test');
  const { results } = answer;
  output.result(answer, () => {
    for (const result of results) {
      const channel = channels.find(({ id }) => id === result.channelId);
      showTest(output, channel === undefined ? result.channelId : nameOf(channel), result);
    }
    if (results.length === 0) output.note('You have no enabled channels, so no test was sent.');
  });
  return results.length > 0 && results.every(({ delivered }) => delivered) ? undefined : exitCodes.failed;
}

function showTest(
  output: Output,
  name: string,
  { delivered, error }: { delivered: boolean; error: string | null },
): void {
  if (delivered) output.line(output.colour('green', `Delivered to ${name}.`));
  else output.line(output.colour('red', `Not delivered to ${name}: ${error ?? 'no reason was given'}`));
}

export const notificationChannelCommands: readonly Command[] = [
  command({
    name: 'notifications channels list',
    summary: 'List where your notifications go, and say when none would reach you',
    run: list,
  }),
  ...addNotificationChannelCommands,
  command({
    name: 'notifications channels confirm',
    summary: 'Confirm an e-mail address with the code that was mailed to it',
    args: ['channel', 'code'],
    run: confirmAddress,
  }),
  command({
    name: 'notifications channels update',
    summary: 'Change a channel; options you leave out stay as they are',
    args: ['channel'],
    options: {
      label: { type: 'string', value: 'TEXT', summary: 'Display name' },
      enable: { type: 'boolean', summary: 'Send notifications to it' },
      disable: { type: 'boolean', summary: 'Send nothing to it, but keep it' },
      ...alertFilterOptions,
    },
    run: update,
  }),
  command({
    name: 'notifications channels remove',
    summary: 'Remove a channel',
    args: ['channel'],
    options: { yes: yesOption },
    run: remove,
  }),
  command({
    name: 'notifications channels test',
    summary: 'Send a test to a channel, or to all; exits with 1 if one was not delivered',
    args: ['channel?'],
    run: test,
  }),
];
