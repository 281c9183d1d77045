// Options for the fields of a job, shared by add and update.
import type { Contract, RequestOf } from '@buoy/contract';
import { type Given, type OptionSpec, textOption, UsageError } from '../../command.ts';
import { durationOf } from '../../output/duration.ts';

type NewJob = RequestOf<Contract['POST /servers/:id/openclaw/cron']>['body'];

/** Reads the schedule from --cron, --every or --at; undefined without them. @throws UsageError when several are given */
export function scheduleIn(context: Given<typeof scheduleOptions>): NewJob['schedule'] | undefined {
  const [expr, every, at] = (['cron', 'every', 'at'] as const).map((name) => textOption(context, name));
  const tz = textOption(context, 'tz');
  const given = [expr, every, at].filter((one) => one !== undefined);
  if (given.length > 1) throw new UsageError('--cron, --every and --at do not go together.');
  if (tz !== undefined && expr === undefined) throw new UsageError('--tz goes with --cron alone.');
  if (expr !== undefined) return { kind: 'cron', expr, tz };
  if (every !== undefined) return { kind: 'every', everyMs: durationOf(every, 'every') };
  if (at === undefined) return undefined;
  const time = Date.parse(at);
  if (Number.isNaN(time))
    throw new UsageError(`--at takes a time such as 2026-03-01T09:00:00Z, not "${at}".`);
  return { kind: 'at', at: new Date(time).toISOString() };
}

/** Reads the delivery from --announce or --webhook; undefined without them. @throws UsageError when both are given */
export function deliveryIn(context: Given<typeof deliveryOptions>): NewJob['delivery'] {
  const [announce, webhook] = [textOption(context, 'announce'), textOption(context, 'webhook')];
  if (announce !== undefined && webhook !== undefined)
    throw new UsageError('--announce and --webhook do not go together.');
  if (webhook !== undefined) return { mode: 'webhook', to: webhook };
  if (announce === undefined) return undefined;
  const [channel = '', ...to] = announce.split(':');
  return { mode: 'announce', channel, to: to.length === 0 ? undefined : to.join(':') };
}

export const scheduleOptions = {
  cron: { type: 'string', value: 'EXPRESSION', summary: "Cron expression, as in '0 9 * * 1-5'" },
  tz: {
    type: 'string',
    value: 'ZONE',
    summary: 'Time zone of --cron, as in Europe/Berlin (default: that of the server)',
  },
  every: { type: 'string', value: 'TIME', summary: 'Repeat every 30s, 10m, 2h or 1d' },
  at: { type: 'string', value: 'TIME', summary: 'Once, as in 2026-03-01T09:00:00Z' },
} as const satisfies Record<string, OptionSpec>;

export const deliveryOptions = {
  announce: {
    type: 'string',
    value: 'CHANNEL[:TO]',
    summary: 'Send the answer to this channel, as in telegram:123456',
  },
  webhook: { type: 'string', value: 'URL', summary: 'Send the answer to this address' },
} as const satisfies Record<string, OptionSpec>;
