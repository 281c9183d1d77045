// The repair ladder: what each step shows, and that nothing else than what was shown is started.
import { taskTypes, type User } from '@buoy/contract';
import { describe, expect, test } from 'vitest';
import type { FailedUpdate } from '../alerts/update-failed.ts';
import { AppError } from '../lib/app-error.ts';
import { isoTime } from '../lib/clock.ts';
import { createFakeClock } from '../lib/testing/fake-clock.ts';
import type { GatewayProblem } from '../openclaw/openclaw.ts';
import type { Tasks } from '../tasks/tasks.ts';
import { createRepair } from './repair.ts';

type EndedTask = Awaited<ReturnType<Tasks['lastEnded']>>[number];

const signal = new AbortController().signal;
const ada = { id: 'ada' } as User;
const sums = { present: 'a'.repeat(64), copy: 'b'.repeat(64) };
const updateSnapshot = { id: 'snp_1', version: '2026.7.35', createdAt: '2026-03-01T09:00:00.000Z' };

function createLadder() {
  const clock = createFakeClock();
  const server = {
    unit: 'openclaw-gateway.service',
    version: '2026.9.6',
    problem: { kind: 'other', cause: null, isRunning: false } as GatewayProblem,
    present: sums.present,
    path: '/home/deploy/.openclaw/openclaw.json',
    configError: null as AppError | null,
    snapshots: [updateSnapshot],
    role: 'owner',
    ended: [] as EndedTask[],
    failedUpdates: [] as FailedUpdate[],
    /** Runs while Buoy asks the server whether it can be restored. */
    onRestorable: () => {},
  };
  const started: Array<{ type: string; input: unknown; by: string }> = [];
  const control = (order: string) => `systemctl --user ${order} ${server.unit}`;
  const repair = createRepair({
    openclaw: {
      repair: {
        readCommands: async () => ({
          restart: [control('restart')],
          resetFailed: [control('reset-failed'), control('start')],
          doctor: ['openclaw doctor --fix'],
          ...{ stop: control('stop'), start: control('start'), version: server.version },
        }),
        readProblem: async () => server.problem,
        async findEarlierConfig() {
          if (server.configError !== null) throw server.configError;
          return {
            input: {
              present: server.present,
              target: { kind: 'copy', name: 'last-good', sha256: sums.copy },
            },
            ...{
              missing: null,
              path: server.path,
              at: '2026-03-01T08:00:00.000Z',
            },
            changes: [{ path: 'gateway.x', kind: 'removed', before: 1, after: null }],
          };
        },
      },
    },
    snapshots: {
      list: async () => ({ snapshots: server.snapshots as never, nextCursor: null }),
      async expectRestorable(serverId) {
        server.onRestorable();
        return { targetServerId: serverId, target: { host: 'h' } as never };
      },
      async expectOwner() {
        if (server.role !== 'owner') throw new AppError('forbidden', 'Only the owner may.');
      },
    },
    tasks: {
      async start(type, { input, createdBy }) {
        started.push({ type, input, by: createdBy });
        return { id: 'tsk_1' } as never;
      },
      lastEnded: async () => server.ended,
    },
    failedUpdates: async () => server.failedUpdates,
    access: { roleOf: async () => server.role as never },
    clock,
  });
  const ended = (type: string, minutesAgo: number, succeeded = false): EndedTask => ({
    ...{ id: `tsk_${type}`, type, succeeded, input: {}, result: null, rollbackFailed: false },
    error: { message: 'The gateway did not start.', hint: null },
    finishedAt: isoTime(clock.now() - minutesAgo * 60_000),
  });
  const read = () => repair.read('srv_1', ada, { signal });
  const start = (body: Parameters<typeof repair.start>[1]) => {
    const callerNow = async () => ({ user: ada, sessionId: 'ses_1', apiToken: null });
    return repair.start('srv_1', body, { callerNow, signal }, { note: () => {} } as never);
  };
  const choiceOf = async (id: string) =>
    (await read()).steps.find((step) => step.id === id)?.choice ?? undefined;
  const unavailable = async (id: string) => (await read()).steps.find((step) => step.id === id)?.unavailable;
  return { server, started, ended, read, start, choiceOf, unavailable };
}

describe('the repair ladder', () => {
  test('shows the steps from the mildest on, with what each runs and changes', async () => {
    const { read } = createLadder();
    const { steps, suggested } = await read();
    expect(suggested).toBe('restart');
    expect(steps.map(({ id }) => id)).toEqual([
      ...['restart', 'reset-failed', 'doctor', 'config-rollback', 'version-rollback'],
    ]);
    const [, , , config, version] = steps;
    expect(config).toMatchObject({
      runs: [
        'cp -p ~/.openclaw/openclaw.json ~/.openclaw/openclaw.json.before-rollback',
        expect.stringContaining('cp -p ~/.openclaw/openclaw.json.last-good ~/.openclaw/openclaw.json'),
        'systemctl --user restart openclaw-gateway.service',
      ],
      changes: [{ path: 'gateway.x', kind: 'removed' }],
    });
    expect(version?.runs.join('\n')).toMatch(/openclaw@2026\.7\.35[\s\S]*snp_1/);
  });

  test.each([
    ['restart', taskTypes.restart, {}],
    ['reset-failed', taskTypes.start, {}],
    ['doctor', taskTypes.doctor, {}],
    [
      'config-rollback',
      taskTypes.configRollback,
      { present: sums.present, target: { kind: 'copy', name: 'last-good', sha256: sums.copy } },
    ],
    [
      'version-rollback',
      taskTypes.restoreSnapshot,
      { snapshotId: 'snp_1', sourceServerId: 'srv_1', withCredentials: false, target: { host: 'h' } },
    ],
  ] as const)('%s starts the task %s that is there already', async (step, type, input) => {
    const { start, started, choiceOf } = createLadder();
    await start({ step, choice: await choiceOf(step) });
    expect(started).toEqual([{ type, input, by: 'ada' }]);
  });

  test.each<
    [
      string,
      'restart' | 'config-rollback' | 'version-rollback',
      (server: ReturnType<typeof createLadder>['server']) => void,
    ]
  >([
    ['the unit', 'restart', (server) => Object.assign(server, { unit: 'other.service' })],
    ['the config', 'config-rollback', (server) => Object.assign(server, { present: 'c'.repeat(64) })],
    [
      'the newest snapshot',
      'version-rollback',
      (server) => Object.assign(server, { snapshots: [{ ...updateSnapshot, id: 'snp_2' }] }),
    ],
    ['the version', 'version-rollback', (server) => Object.assign(server, { version: '2026.9.7' })],
  ])('runs nothing when %s has changed since it was shown', async (_, step, change) => {
    const { server, start, started, choiceOf } = createLadder();
    const choice = await choiceOf(step);
    change(server);
    await expect(start({ step, choice })).rejects.toMatchObject({ code: 'stale_version' });
    expect(started).toEqual([]);
  });

  test('takes no choice of another step or server for one of its own', async () => {
    const { start, started, choiceOf } = createLadder();
    await expect(start({ step: 'doctor', choice: await choiceOf('restart') })).rejects.toMatchObject({
      code: 'stale_version',
    });
    expect(started).toEqual([]);
  });

  test.each(['config-rollback', 'version-rollback'] as const)(
    'refuses a %s without a choice',
    async (step) => {
      const { start, started } = createLadder();
      await expect(start({ step })).rejects.toMatchObject({ code: 'invalid_request' });
      expect(started).toEqual([]);
    },
  );

  test('refuses a rollback of the version where there is no snapshot of an update, and where its version runs', async () => {
    const { server, unavailable } = createLadder();
    server.version = updateSnapshot.version;
    expect(await unavailable('version-rollback')).toContain('already runs 2026.7.35');
    server.snapshots = [];
    expect(await unavailable('version-rollback')).toContain('no snapshot from before an update');
  });

  test('refuses a rollback of the version by anybody but the owner, also by one who owned the server when it was shown', async () => {
    const { server, start, started, choiceOf, unavailable } = createLadder();
    const choice = await choiceOf('version-rollback');
    server.onRestorable = () => {
      server.role = 'admin';
    };
    await expect(start({ step: 'version-rollback', choice })).rejects.toMatchObject({ code: 'forbidden' });
    expect(started).toEqual([]);
    expect(await unavailable('version-rollback')).toContain('Only the owner');
  });

  test('suggests the rollback of the version after an update that failed and could not be undone', async () => {
    const { server, read } = createLadder();
    server.failedUpdates = [
      { component: 'openclaw', taskId: 'tsk_9', message: 'no', hint: null, left: 'unknown', at: null },
    ];
    expect((await read()).suggested).toBe('version-rollback');
  });

  test('says why a step cannot run, and shows the others', async () => {
    const { server, unavailable, read } = createLadder();
    server.configError = new AppError('refused', 'The account of the gateway is out of reach.');
    server.problem = { kind: 'other', cause: null, isRunning: true };
    expect(await unavailable('config-rollback')).toBe('The account of the gateway is out of reach.');
    expect(await unavailable('reset-failed')).toContain('runs');
    expect((await read()).suggested).toBe('restart');
  });

  test('suggests the next step after one that failed within the hour, or worked for less than ten minutes', async () => {
    const { server, read, ended } = createLadder();
    server.ended = [ended(taskTypes.restart, 59)];
    expect(await read()).toMatchObject({
      suggested: 'doctor',
      reason: '“Restart the gateway” did not help: The gateway did not start.',
    });
    server.ended = [ended(taskTypes.doctor, 9, true), ended(taskTypes.restart, 12)];
    expect((await read()).suggested).toBe('config-rollback');
    server.ended = [ended(taskTypes.restart, 61)];
    expect((await read()).suggested).toBe('restart');
    server.ended = [ended(taskTypes.doctor, 11, true), ended(taskTypes.restart, 12)];
    expect((await read()).suggested).toBe('restart');
  });

  test('does not count a rollback that worked, nor what was tried before it', async () => {
    const { server, read, ended } = createLadder();
    server.problem = { kind: 'config', cause: null, isRunning: false };
    server.ended = [ended(taskTypes.configRollback, 1, true), ended(taskTypes.restart, 3)];
    const { suggested, steps } = await read();
    expect(suggested).toBe('config-rollback');
    expect(steps.every(({ tried }) => tried === null)).toBe(true);
  });

  test.each([
    '/home/x/$(reboot)/openclaw.json',
    '/tmp/a b/openclaw.json',
    '/x;sh\n/openclaw.json',
    'openclaw.json',
  ])('shows no command with the path "%s", which the server chose', async (path) => {
    const { server, read, unavailable } = createLadder();
    server.path = path;
    expect(await unavailable('config-rollback')).toContain('unusual characters');
    expect(JSON.stringify(await read())).not.toContain('reboot');
  });

  test('has nothing to suggest for a gateway that works', async () => {
    const { server, read, ended } = createLadder();
    server.problem = { kind: 'none', cause: null, isRunning: true };
    server.ended = [ended(taskTypes.restart, 1)];
    const { suggested, steps } = await read();
    expect([suggested, steps.filter(({ tried }) => tried !== null)]).toEqual([null, []]);
  });
});
