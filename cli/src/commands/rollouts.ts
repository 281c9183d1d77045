// Rollouts: one update of many servers, a few at a time.
import type { Contract, RequestOf, Rollout, RolloutServer } from '@buoy/contract';
import type { Client } from '@buoy/contract/client';
import {
  type Args,
  arg,
  type Command,
  CommandError,
  type Context,
  command,
  type Flags,
  isSet,
  numberOption,
  type Texts,
  textOption,
  UsageError,
} from '../command.ts';
import { confirm, yesOption } from '../confirm.ts';
import {
  followRollout,
  progressOf,
  rolloutResult,
  serverText,
  showProgress,
  wordFor,
} from '../follow-rollout.ts';
import { withList } from '../list-hint.ts';
import { ago } from '../output/ago.ts';
import { durationOf } from '../output/duration.ts';
import type { Output } from '../output/output.ts';
import { fixedColumn } from '../output/table.ts';
import { personNames } from '../person-names.ts';
import { resolveServers } from '../resolve-server.ts';
import { wantedItems } from '../since.ts';
import { watched, watchOption } from '../watch.ts';
import { openclawOptions } from './setup-tasks.ts';

const PAGE = 50;
const MAX_PAGE = 200;
const MAX_WAVE = 100;
const MAX_PAUSE_S = 86_400;
const LIST = 'buoy rollouts list';

type NewRollout = RequestOf<Contract['POST /rollouts']>['body'];

async function list(context: Context & Texts<'limit'> & Flags<'watch'>): Promise<void> {
  const { output, terminal } = context;
  const limit = numberOption(context, 'limit', 1, MAX_PAGE) ?? PAGE;
  const api = context.api();
  await watched(context, async () => {
    const rollouts = await newestRollouts(api, limit);
    output.result({ rollouts }, () =>
      output.table(
        ['ROLLOUT', 'VERSION', fixedColumn('STATUS'), 'PROGRESS', 'CREATED'],
        rollouts.map((one) => [
          one.id,
          one.version,
          one.status,
          progressOf(one),
          ago(one.createdAt, terminal.now()),
        ]),
        'No rollouts.',
      ),
    );
  });
}

/** A page of the API may hold fewer than asked for, if the rollouts have many servers. */
async function newestRollouts(api: Client, limit: number): Promise<Rollout[]> {
  return wantedItems(
    async (cursor) => {
      const { rollouts, nextCursor } = await api('GET /rollouts', { query: { limit, cursor } });
      return { items: rollouts, nextCursor };
    },
    { limit, isWanted: () => true, isOver: () => false },
  );
}

/** Calls the API for the rollout in the argument ROLLOUT. @throws CommandError when the rollout does not exist */
async function ofRollout<T>(
  context: Context & Args<'rollout'>,
  ask: (api: Client, params: { id: string }) => Promise<T>,
): Promise<T> {
  const id = arg(context, 'rollout');
  if (id.trim() === '') throw new UsageError('Which rollout? The id is empty.', `List them: ${LIST}`);
  return withList(ask(context.api(), { id }), LIST, `There is no rollout "${id}" that you can see.`);
}

async function show(context: Context & Args<'rollout'> & Flags<'watch'>): Promise<void> {
  const { output } = context;
  await watched(context, async () => {
    const { rollout } = await ofRollout(context, (api, params) => api('GET /rollouts/:id', { params }));
    const { createdBy } = rollout;
    const personOf = await personNames(context, context.api(), [{ userId: createdBy, serverId: null }]);
    output.result({ rollout }, () => {
      output.pairs([
        ['Rollout', rollout.id],
        ['Version', rollout.version],
        ['Status', rollout.status],
        ['Progress', progressOf(rollout)],
        ['By', personOf(createdBy)],
        ['Created', rollout.createdAt],
        ['Next wave', rollout.nextWaveAt],
        ['Finished', rollout.finishedAt],
      ]);
      showWaves(output, rollout);
    });
  });
}

/** Prints the waves, and when the first update may start if that is not at once. */
function showPlan(output: Output, plan: Rollout): void {
  showWaves(output, plan);
  if (plan.nextWaveAt !== null)
    output.note(`The update window is closed: the first update starts at ${plan.nextWaveAt}.`);
}

/** Prints a table of the servers, and below it why servers failed or are skipped. */
function showWaves(output: Output, { waves }: Rollout): void {
  output.table(
    ['WAVE', 'SERVER', 'FROM', 'TO', fixedColumn('STATUS')],
    waves.flatMap((servers, index) =>
      servers.map(({ name, from, to, status }) => [index + 1, name, from, to, wordFor(status)]),
    ),
    'It has no servers that you can see.',
  );
  for (const server of waves.flat()) if (server.error !== null) output.line(serverText(output, server));
}

async function start(
  context: Context &
    Texts<'tag' | 'openclaw-version' | 'canary' | 'wave-size' | 'pause'> &
    Flags<'dry-run' | 'yes' | 'no-wait'>,
): Promise<number | undefined> {
  const { output } = context;
  const wanted: NewRollout = {
    version: textOption(context, 'openclaw-version'),
    canary: numberOption(context, 'canary', 0, MAX_WAVE),
    waveSize: numberOption(context, 'wave-size', 1, MAX_WAVE),
    pauseS: pauseIn(context),
  };
  const servers = await serversIn(context);
  const api = context.api();
  const answer = await api('POST /rollouts', { body: { ...wanted, ...servers, dryRun: true } });
  const { rollout: plan } = answer;
  if (!output.json) showPlan(output, plan);
  const pending = plan.waves.flat().filter(({ status }) => status === 'pending');
  if (isSet(context, 'dry-run') || pending.length === 0) {
    output.result(answer, () =>
      output.note(
        pending.length === 0 ? 'No server needs this update.' : 'This is the plan; nothing was started.',
      ),
    );
    return undefined;
  }
  await confirm(context, questionFor(plan, pending));
  // Starts exactly what was shown: by now more servers may have the tag, and a newer version may be out.
  const shown = { ...wanted, serverIds: pending.map(({ serverId }) => serverId) };
  const body = hasOneTarget(plan, pending) ? { ...shown, version: plan.version } : shown;
  if (!hasOneTarget(plan, pending)) await expectSameTargets(api, shown, pending);
  const { rollout } = await api('POST /rollouts', { body });
  const { id } = rollout;
  if (id === null) throw new CommandError('Buoy did not return the id of the rollout.', `List them: ${LIST}`);
  if (isSet(context, 'no-wait')) {
    showProgress(context, id, rollout);
    return undefined;
  }
  if (!output.json) output.note(`Started rollout ${id}.`);
  return rolloutResult(context, id, await followRollout(context, id, rollout));
}

/** @throws UsageError unless either servers or a tag are given */
async function serversIn(context: Context & Texts<'tag'>): Promise<Pick<NewRollout, 'serverIds' | 'tag'>> {
  const { rest } = context;
  const tag = textOption(context, 'tag');
  if (tag !== undefined && rest.length > 0) throw new UsageError('SERVER and --tag do not go together.');
  if (tag !== undefined) return { tag };
  if (rest.length === 0)
    throw new UsageError('Which servers? Give their names, or --tag TAG.', 'List them: buoy servers list');
  const servers = await resolveServers(context.api(), rest);
  return { serverIds: [...new Set(servers.map(({ id }) => id))] };
}

/** Reads --pause as seconds. @throws UsageError */
function pauseIn(context: Context & Texts<'pause'>): number | undefined {
  const typed = textOption(context, 'pause');
  if (typed === undefined) return undefined;
  const seconds = durationOf(typed, 'pause') / 1_000;
  if (seconds > MAX_PAUSE_S) throw new UsageError(`--pause takes at most 1d, not "${typed}".`);
  return seconds;
}

function hasOneTarget({ version }: Rollout, pending: readonly RolloutServer[]): boolean {
  return pending.every(({ to }) => to === version);
}

/**
 * Servers with different pins have no version in common, so that each takes its own again.
 * @throws CommandError when that is another one by now
 */
async function expectSameTargets(
  api: Client,
  shown: NewRollout,
  pending: readonly RolloutServer[],
): Promise<void> {
  const { rollout } = await api('POST /rollouts', { body: { ...shown, dryRun: true } });
  const targets = new Map(rollout.waves.flat().map(({ serverId, to }) => [serverId, to]));
  if (pending.every(({ serverId, to }) => targets.get(serverId) === to)) return;
  throw new CommandError(
    'The versions have changed since the plan was shown; nothing was started.',
    'Start it again, and check the plan.',
  );
}

function questionFor(plan: Rollout, pending: readonly RolloutServer[]): string {
  const { version, waves } = plan;
  const where = pending.length === 1 ? '1 server' : `${pending.length} servers`;
  const steps = waves.length === 1 ? '1 wave' : `${waves.length} waves`;
  const target = hasOneTarget(plan, pending) ? version : 'the versions above';
  return `Update OpenClaw on ${where} to ${target}, in ${steps}? Each gateway is down for about a minute.`;
}

async function pause(context: Context & Args<'rollout'>): Promise<void> {
  const { rollout } = await ofRollout(context, (api, params) => api('POST /rollouts/:id/pause', { params }));
  showProgress(context, arg(context, 'rollout'), rollout);
}

async function resume(context: Context & Args<'rollout'> & Flags<'skip-failed'>): Promise<void> {
  const body = { skipFailed: isSet(context, 'skip-failed') };
  const { rollout } = await ofRollout(context, (api, params) =>
    api('POST /rollouts/:id/resume', { params, body }),
  );
  showProgress(context, arg(context, 'rollout'), rollout);
}

async function cancel(context: Context & Args<'rollout'> & Flags<'yes'>): Promise<void> {
  const { rollout: found } = await ofRollout(context, (api, params) => api('GET /rollouts/:id', { params }));
  await confirm(
    context,
    `Cancel the update to ${found.version} (${progressOf(found)})? No further update starts; running updates continue.`,
  );
  const { rollout } = await ofRollout(context, (api, params) => api('POST /rollouts/:id/cancel', { params }));
  showProgress(context, arg(context, 'rollout'), rollout);
}

export const rolloutCommands: readonly Command[] = [
  command({
    name: 'rollouts list',
    summary: 'List your rollouts, newest first',
    options: {
      limit: { type: 'string', value: 'NUMBER', summary: 'Maximum number of results (default 50)' },
      watch: watchOption,
    },
    run: list,
  }),
  command({
    name: 'rollouts start',
    summary: 'Update OpenClaw on several servers, a few at a time; stops at the first that fails',
    args: ['server?...'],
    options: {
      tag: { type: 'string', value: 'TAG', summary: 'Update your own servers with this tag' },
      ...openclawOptions,
      canary: {
        type: 'string',
        value: 'NUMBER',
        summary: 'Servers in the first wave, before all others (default 1; 0 for none)',
      },
      'wave-size': { type: 'string', value: 'NUMBER', summary: 'Servers in each later wave (default 5)' },
      pause: {
        type: 'string',
        value: 'TIME',
        summary: 'Time between two waves, as in 90s, 10m or 2h (default 1m)',
      },
      'dry-run': { type: 'boolean', summary: 'Show the plan and change nothing' },
      yes: yesOption,
      'no-wait': { type: 'boolean', summary: 'Do not wait for the rollout to end' },
    },
    run: start,
  }),
  command({
    name: 'rollouts show',
    summary: 'Show a rollout: its waves, and how far each server is',
    args: ['rollout'],
    options: { watch: watchOption },
    run: show,
  }),
  command({
    name: 'rollouts pause',
    summary: 'Pause a rollout: no further update starts; running updates continue',
    args: ['rollout'],
    run: pause,
  }),
  command({
    name: 'rollouts resume',
    summary: 'Resume a paused or stopped rollout; failed servers are updated again',
    args: ['rollout'],
    options: {
      'skip-failed': { type: 'boolean', summary: 'Leave out the failed servers' },
    },
    run: resume,
  }),
  command({
    name: 'rollouts cancel',
    summary: 'Cancel a rollout: no further update starts; running updates continue',
    args: ['rollout'],
    options: { yes: yesOption },
    run: cancel,
  }),
];
