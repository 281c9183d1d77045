// Thresholds: from where on the checks of one server, or of those with a tag, fire.
import type { Contract, RequestOf, Threshold } from '@buoy/contract';
import type { Client } from '@buoy/contract/client';
import { type ThresholdName, thresholdNames } from '@buoy/contract/threshold-limits';
import { type Command, type Context, command, type Texts, textOption, UsageError } from '../command.ts';
import { duration, durationOf } from '../output/duration.ts';
import { fixedColumn } from '../output/table.ts';
import { type ServerOrTag, type ServerScope, serverOrTag, tagOption } from '../server-or-tag.ts';

const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;
/** The value of an option that inherits again. */
const INHERIT = 'inherit';

type Change = RequestOf<Contract['PUT /thresholds']>['body']['thresholds'];
type Unit = 'share' | 'seconds' | 'days';

const thresholds = {
  diskWarnShare: { option: 'disk-warn', unit: 'share', summary: 'Disk or inodes used, for a warning' },
  diskCriticalShare: { option: 'disk-critical', unit: 'share', summary: 'The same for a critical alert' },
  memoryWarnShare: { option: 'memory-warn', unit: 'share', summary: 'Memory of the server used' },
  memoryGrowthShare: {
    option: 'memory-growth',
    unit: 'share',
    summary: 'Growth of the gateway in a day that counts as a leak',
  },
  tokenOverflowShare: { option: 'token-overflow', unit: 'share', summary: 'Context of a session used' },
  clockSkewS: { option: 'clock-skew', unit: 'seconds', summary: 'Difference of the clock from that of Buoy' },
  cronLateS: { option: 'cron-late', unit: 'seconds', summary: 'How late a scheduled job may run' },
  expiryDays: { option: 'expiry-warn', unit: 'days', summary: 'Time left before an expiry, for a warning' },
  expiryCriticalDays: {
    option: 'expiry-critical',
    unit: 'days',
    summary: 'The same for a critical alert',
  },
} as const satisfies Record<ThresholdName, { option: string; unit: Unit; summary: string }>;

type Option = (typeof thresholds)[ThresholdName]['option'];

const placeholders: Record<Unit, string> = { share: 'PERCENT', seconds: 'TIME', days: 'DAYS' };

async function show(context: ServerOrTag): Promise<void> {
  const api = context.api();
  const scope = await serverOrTag(context, api);
  const answer =
    'tag' in scope
      ? await api('GET /thresholds', { query: { tag: scope.tag } })
      : await api('GET /servers/:id/thresholds', { params: { id: scope.id } });
  print(context, scope, answer);
}

async function set(context: ServerOrTag & Texts<Option>): Promise<void> {
  const change = changeIn(context);
  if (Object.keys(change).length === 0)
    throw new UsageError('Nothing to change.', 'See buoy thresholds set --help');
  const api = context.api();
  const scope = await serverOrTag(context, api);
  print(context, scope, await put(api, scope, change));
}

function put(api: Client, scope: ServerScope, change: Change) {
  const body = { thresholds: change };
  return 'tag' in scope
    ? api('PUT /thresholds', { query: { tag: scope.tag }, body })
    : api('PUT /servers/:id/thresholds', { params: { id: scope.id }, body });
}

function print(
  { output }: Context,
  scope: ServerScope,
  answer: { thresholds: Record<ThresholdName, Threshold>; servers?: number },
): void {
  output.result(answer, () => {
    if (answer.servers !== undefined) output.line(`Servers: ${answer.servers}`);
    return output.table(
      ['THRESHOLD', fixedColumn('VALUE'), 'FROM'],
      thresholdNames.map((name) => {
        const { option, unit } = thresholds[name];
        const held = answer.thresholds[name];
        return [option, shown(held.value, unit), sourceOf(held, scope)];
      }),
      'No thresholds.',
    );
  });
}

function sourceOf({ from, tag, differs }: Threshold, scope: ServerScope): string {
  if (differs) return 'differs between the servers; the strictest is shown';
  if (from === 'tag') return 'tag' in scope ? 'this tag' : `tag ${tag}`;
  return from === 'server' ? 'this server' : from;
}

/** What was typed. The server validates the bounds. */
function changeIn(context: Context & Texts<Option>): Change {
  const change: Change = {};
  for (const name of thresholdNames) {
    const { option, unit } = thresholds[name];
    const typed = textOption(context, option);
    if (typed !== undefined) change[name] = typed === INHERIT ? null : numberIn(typed, option, unit);
  }
  return change;
}

function numberIn(typed: string, option: Option, unit: Unit): number {
  if (unit === 'seconds') return durationOf(typed, option) / SECOND_MS;
  if (unit === 'days') return durationOf(typed, option) / DAY_MS;
  const percent = /^(\d{1,4}(?:\.\d{1,2})?) ?%?$/.exec(typed)?.[1];
  if (percent === undefined)
    throw new UsageError(`--${option} takes a percentage such as 80 % or ${INHERIT}, not "${typed}".`);
  // Without the rest that a division leaves.
  return Math.round(Number(percent) * 100) / 10_000;
}

function shown(value: number, unit: Unit): string {
  if (unit === 'share') return `${Math.round(value * 10_000) / 100} %`;
  return unit === 'days' ? `${value}d` : duration(value * SECOND_MS);
}

const valueOptions = Object.fromEntries(
  Object.values(thresholds).map(({ option, unit, summary }) => [
    option,
    { type: 'string', value: placeholders[unit], summary },
  ]),
) as Record<Option, { type: 'string'; value: string; summary: string }>;

export const thresholdCommands: readonly Command[] = [
  command({
    name: 'thresholds show',
    summary: 'Show from where on the checks fire, and where each value comes from',
    args: ['server?'],
    options: { tag: tagOption },
    run: show,
  }),
  command({
    name: 'thresholds set',
    summary: `Set thresholds of a server, or of the servers with a tag; "${INHERIT}" inherits one again`,
    args: ['server?'],
    options: { tag: tagOption, ...valueOptions },
    run: set,
  }),
];
