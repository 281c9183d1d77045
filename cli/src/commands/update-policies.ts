// Update policies: your servers with a tag, pinned to a version or updated by rollouts at certain times.
import type { Contract, RequestOf, UpdatePolicy, WeeklyWindow } from '@buoy/contract';
import type { Client } from '@buoy/contract/client';
import { weekdays } from '@buoy/contract/constants';
import {
  type Args,
  arg,
  type Command,
  type Context,
  command,
  type Flags,
  isSet,
  type Texts,
  textOption,
  UsageError,
} from '../command.ts';
import { confirm, yesOption } from '../confirm.ts';
import { withList } from '../list-hint.ts';
import { fixedColumn } from '../output/table.ts';
import { daysOf, windowText } from '../output/weekly-window.ts';
import { wantedItems } from '../since.ts';

const PAGE = 200;
const LIST = 'buoy update-policies list';

type Change = RequestOf<Contract['PUT /update-policies/:tag']>['body'];
type OneTag = Context & Args<'tag'>;

async function list(context: Context): Promise<void> {
  const { output } = context;
  const policies = await allPolicies(context.api());
  output.result({ policies }, () =>
    output.table(
      ['TAG', fixedColumn('PINNED'), 'WINDOW', fixedColumn('OPENS')],
      policies.map((policy) => [
        policy.tag,
        policy.pinned,
        policy.window === null ? null : windowText(policy.window),
        opening(policy),
      ]),
      'No update policies.',
    ),
  );
}

/** All of the caller's own: there are a hundred at most. */
async function allPolicies(api: Client): Promise<UpdatePolicy[]> {
  return wantedItems(
    async (cursor) => {
      const { policies, nextCursor } = await api('GET /update-policies', { query: { limit: PAGE, cursor } });
      return { items: policies, nextCursor };
    },
    { limit: PAGE, isWanted: () => true, isOver: () => false },
  );
}

async function show(context: OneTag): Promise<void> {
  const answer = await read(context.api(), tagIn(context));
  context.output.result(answer, () => showPolicy(context, answer.policy));
}

function read(api: Client, tag: string): Promise<{ policy: UpdatePolicy }> {
  return withList(
    api('GET /update-policies/:tag', { params: { tag } }),
    LIST,
    `You have no update policy for the tag "${tag}".`,
  );
}

function tagIn(context: OneTag): string {
  const tag = arg(context, 'tag');
  if (tag.trim() === '') throw new UsageError('Which tag? It is empty.', `List your policies: ${LIST}`);
  return tag;
}

function showPolicy({ output }: Context, policy: UpdatePolicy): void {
  const { tag, pinned, window } = policy;
  output.pairs([
    ['Tag', tag],
    ['Pinned', pinned ?? 'to no version'],
    ['Window', window === null ? 'at any time' : windowText(window)],
    ['Opens', opening(policy)],
  ]);
}

function opening({ window, opensAt }: UpdatePolicy): string | null {
  if (window === null) return null;
  return opensAt ?? 'open now';
}

async function set(
  context: OneTag & Texts<'pin' | 'window' | 'days' | 'timezone'> & Flags<'no-pin' | 'no-window'>,
): Promise<void> {
  const tag = tagIn(context);
  const pin = textOption(context, 'pin');
  if (pin !== undefined && isSet(context, 'no-pin'))
    throw new UsageError('--pin and --no-pin do not go together.');
  const wanted = windowIn(context);
  const api = context.api();
  const change: Change = {
    ...(pin === undefined ? {} : { pinned: pin }),
    ...(isSet(context, 'no-pin') ? { pinned: null } : {}),
    ...(isSet(context, 'no-window') ? { window: null } : {}),
  };
  let version: number | null = null;
  if (Object.keys(wanted).length > 0) {
    const policies = await allPolicies(api);
    const known = policies.find((policy) => policy.tag === tag);
    change.window = wholeWindow(wanted, known?.window ?? null);
    version = known?.version ?? null;
  }
  if (Object.keys(change).length === 0)
    throw new UsageError('Nothing to change.', 'See buoy update-policies set --help');
  const answer = await api('PUT /update-policies/:tag', {
    params: { tag },
    body: change,
    // What was not typed of the window was read before.
    ...(version === null ? {} : { headers: { 'if-match': `"${version}"` } }),
  });
  context.output.result(answer, () => showPolicy(context, answer.policy));
}

/** The parts of a window that were typed. The server validates times and zones. */
function windowIn(
  context: Context & Texts<'window' | 'days' | 'timezone'> & Flags<'no-window'>,
): Partial<WeeklyWindow> {
  const typed = textOption(context, 'window');
  const days = textOption(context, 'days');
  const timezone = textOption(context, 'timezone');
  if (isSet(context, 'no-window') && [typed, days, timezone].some((one) => one !== undefined))
    throw new UsageError('--no-window does not go with --window, --days and --timezone.');
  const [, start, end] = /^(\d\d:\d\d)-(\d\d:\d\d)$/.exec(typed ?? '') ?? [];
  if (typed !== undefined && (start === undefined || end === undefined))
    throw new UsageError(`--window takes times such as 22:00-04:00, not "${typed}".`);
  return {
    ...(start === undefined || end === undefined ? {} : { start, end }),
    ...(days === undefined ? {} : { days: daysOf(days) }),
    ...(timezone === undefined ? {} : { timezone }),
  };
}

/** @throws UsageError when neither the command line nor the policy says the times or the zone */
function wholeWindow(wanted: Partial<WeeklyWindow>, known: WeeklyWindow | null): WeeklyWindow {
  const { days = [...weekdays], start, end, timezone } = { ...known, ...wanted };
  if (start === undefined || end === undefined)
    throw new UsageError('At which times? Add --window FROM-TO, as in 22:00-04:00.');
  if (timezone === undefined)
    throw new UsageError('In which time zone? Add --timezone ZONE, as in Europe/Berlin.');
  return { days, start, end, timezone };
}

async function remove(context: OneTag & Flags<'yes'>): Promise<void> {
  const { output } = context;
  const tag = tagIn(context);
  const api = context.api();
  const { policy } = await read(api, tag);
  await confirm(context, `Remove the update policy for the tag "${tag}" (${effectOf(policy)})?`);
  await api('DELETE /update-policies/:tag', { params: { tag } });
  output.result({ removed: tag }, () => output.line(`Removed the update policy for the tag "${tag}".`));
}

function effectOf({ pinned, window }: UpdatePolicy): string {
  const parts = [
    ...(pinned === null ? [] : [`pinned to ${pinned}`]),
    ...(window === null ? [] : [windowText(window)]),
  ];
  return parts.join('; ') || 'without effect';
}

export const updatePolicyCommands: readonly Command[] = [
  command({
    name: 'update-policies list',
    summary: 'List your update policies: pinned versions and update windows, by tag',
    run: list,
  }),
  command({
    name: 'update-policies show',
    summary: 'Show your update policy for a tag',
    args: ['tag'],
    run: show,
  }),
  command({
    name: 'update-policies set',
    summary: 'Pin your servers with a tag to a version, or set when rollouts update them; the rest stays',
    args: ['tag'],
    options: {
      pin: {
        type: 'string',
        value: 'VERSION',
        summary: 'The only version of OpenClaw to update to, such as 2026.9.6',
      },
      'no-pin': { type: 'boolean', summary: 'Pin no version' },
      window: {
        type: 'string',
        value: 'FROM-TO',
        summary: 'When rollouts update the servers, as in 22:00-04:00; the same time twice is 24 hours',
      },
      days: {
        type: 'string',
        value: 'DAYS',
        summary: 'Days on which the window opens, as in mon-fri or sat,sun (default: every day)',
      },
      timezone: { type: 'string', value: 'ZONE', summary: 'Time zone of the window, as in Europe/Berlin' },
      'no-window': { type: 'boolean', summary: 'Let rollouts update the servers at any time' },
    },
    run: set,
  }),
  command({
    name: 'update-policies remove',
    summary: 'Remove your update policy for a tag: its pin and its window end',
    args: ['tag'],
    options: { yes: yesOption },
    run: remove,
  }),
];
