// The status against a scripted gateway on loopback and a host whose scripts the test answers.
import { openclawStatus } from '@buoy/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AppError } from '../lib/app-error.ts';
import { systemClock } from '../lib/clock.ts';
import { createRecordingLogger } from '../lib/testing/recording-logger.ts';
import { until } from '../lib/testing/until.ts';
import { createCli } from './cli.ts';
import { createGateways } from './gateway/create-gateways.ts';
import type { Gateways } from './gateway/gateways.ts';
import { type ScriptedGateway, startScriptedGateway } from './gateway/testing/scripted-gateway.ts';
import { createInstallations } from './installation/create-installations.ts';
import type { SnapshotStore } from './snapshots.store.ts';
import type { Observation } from './status/observation.ts';
import { createOpenclawStatus, type OpenclawStatusReader } from './status.ts';
import { createLoopbackSsh, type LoopbackSsh } from './testing/loopback-ssh.ts';
import { configOn, inspectionOf, runningHost } from './testing/running-host.ts';
import { createSnapshotsInMemory, type SnapshotsInMemory } from './testing/snapshots-in-memory.ts';

let gateway: ScriptedGateway;
let ssh: LoopbackSsh;
let gateways: Gateways;
let status: OpenclawStatusReader;
let observations: Observation[];
let puts: number;
let snapshots: SnapshotsInMemory;
let asked: Record<string, number>;
/** What inspect.sh prints besides the config. */
let host: Record<string, string | number>;
let cliAnswer: (words: readonly string[]) => Promise<string> | string;
let storeFails: boolean;
/** openclaw.json of the host. */
let config: Record<string, unknown>;

beforeEach(async () => {
  gateway = await startScriptedGateway();
  asked = {};
  answer('system.info', {
    port: gateway.port,
    pid: 76,
    uptimeMs: 599_718,
    processMemory: { rssBytes: 732_733_440 },
    memoryTotalBytes: 8_000,
    memoryFreeBytes: 5_000,
    diskTotalBytes: 9_000,
    diskAvailableBytes: 4_000,
  });
  answer('agents.list', { defaultId: 'main', agents: [{ id: 'main' }, { id: 'sales' }] });
  answer('sessions.list', { count: 1, totalCount: 17, sessions: [{}] });
  answer('channels.status', { channelOrder: [], channels: {}, channelAccounts: {} });
  answer('update.status', { updateAvailable: null });
  host = { ...runningHost };
  config = configOn(gateway.port);
  cliAnswer = () => new Promise(() => {});
  ssh = createLoopbackSsh();
  ssh.onScript = (args) =>
    args[0] === 'all' || args[0] === 'service' ? inspectionOf(config, host) : cliAnswer(args.slice(2));
  observations = [];
  puts = 0;
  snapshots = createSnapshotsInMemory();
  storeFails = false;
  laterMs = 0;
  start();
});

afterEach(async () => {
  await gateways.close();
  await gateway.stop();
});

/** Milliseconds by which the reader's clock is ahead. */
let laterMs: number;

/** A Buoy that has just started. */
function start(): void {
  const { logger } = createRecordingLogger();
  const installations = createInstallations({ ssh, clock: systemClock, logger });
  gateways = createGateways({ ssh, installations, clock: systemClock, logger });
  const kept: SnapshotStore = {
    ...snapshots,
    async put(...snapshot) {
      if (storeFails) throw new AppError('storage_full', 'The disk is full.');
      puts += 1;
      await snapshots.put(...snapshot);
    },
  };
  status = createOpenclawStatus({
    gateways,
    installations,
    ssh,
    cli: createCli({ ssh, installations, clock: systemClock }),
    snapshots: kept,
    observe: (_serverId, observation) => void observations.push(observation),
    clock: { ...systemClock, now: () => Date.now() + laterMs },
    logger,
  });
}

function answer(method: string, payload: unknown): void {
  gateway.methods[method] = () => {
    asked[method] = (asked[method] ?? 0) + 1;
    return { payload };
  };
}

function unit(activeState: string, subState: string, more: Record<string, string | number> = {}): void {
  Object.assign(host, { 'unit.ActiveState': activeState, 'unit.SubState': subState, pid: '', ...more });
}

describe('from the gateway', () => {
  test('everything in one answer, and it keeps to the contract', async () => {
    const read = await status.read('s1');
    expect(read.source).toBe('gateway');
    expect(Date.now() - Date.parse(read.observedAt)).toBeLessThan(5_000);
    expect(openclawStatus.parse(read.status)).toEqual({
      installed: true,
      version: '2026.9.6',
      gateway: {
        state: 'running',
        ready: true,
        pid: 76,
        uptimeS: 600,
        port: gateway.port,
        bind: 'loopback',
        authMode: 'token',
        rssBytes: 732_733_440,
      },
      service: {
        manager: 'systemd-user',
        unit: 'openclaw-gateway.service',
        activeState: 'active',
        result: 'success',
        restarts: 0,
        startLimitHit: false,
      },
      channels: [],
      agents: 2,
      sessions: 17,
      update: { current: '2026.9.6', latest: null, behind: null },
      disk: { totalBytes: 9_000, availableBytes: 4_000 },
      memory: { totalBytes: 8_000, availableBytes: 5_000 },
    });
    expect(observations).toEqual([
      { state: 'up', reasons: [], openclaw: { installed: true, version: '2026.9.6' } },
    ]);
  });

  test('callers at the same moment share one look; later ones ask again', async () => {
    await Promise.all(Array.from({ length: 20 }, () => status.read('s1')));
    expect(asked['sessions.list']).toBe(1);
    await status.read('s1');
    expect(asked['sessions.list']).toBe(2);
  });

  test('the newest version is asked for once, not at each read', async () => {
    answer('update.status', { updateAvailable: { currentVersion: '2026.9.6', latestVersion: '2026.10.1' } });
    for (let reads = 0; reads < 5; reads += 1) {
      expect((await status.read('s1')).status.update).toEqual({
        current: '2026.9.6',
        latest: '2026.10.1',
        behind: true,
      });
    }
    expect(asked['update.status']).toBe(1);
  });

  test('an older gateway that knows less leaves gaps, which the host fills where it can', async () => {
    gateway.version = '2026.7.35';
    gateway.bootId = null;
    delete gateway.methods['system.info'];
    delete gateway.methods['update.status'];
    answer('agents.list', { something: 'else' });
    const { status: read, source } = await status.read('s1');
    expect(source).toBe('gateway');
    expect(read).toMatchObject({
      version: '2026.7.35',
      gateway: { pid: 76, uptimeS: 600, port: gateway.port },
      agents: null,
      sessions: 17,
      disk: { totalBytes: 102_400, availableBytes: 40_960 },
    });
  });

  test('not ready while it still starts, and ready but for a channel later', async () => {
    gateway.pages['/readyz'] = { status: 503, body: '{"ready":false,"failing":["startup-sidecars"]}' };
    expect((await status.read('s1')).status.gateway).toMatchObject({ state: 'starting', ready: false });
    gateway.pages['/readyz'] = { status: 503, body: '{"ready":false,"failing":["telegram"]}' };
    expect((await status.read('s1')).status.gateway).toMatchObject({ state: 'running', ready: false });
    expect(observations.at(-1)).toMatchObject({
      state: 'down',
      reasons: ['The gateway runs but is not ready.'],
    });
  });

  test('an unchanged status is neither stored nor reported again at once', async () => {
    for (let reads = 0; reads < 10; reads += 1) await status.read('s1');
    expect({ puts, observations: observations.length }).toEqual({ puts: 1, observations: 1 });
    answer('agents.list', { agents: [] });
    laterMs = 5_000;
    await status.read('s1');
    expect(puts).toBe(2);
  });

  test('the agents are counted again after 5 s, not at each look', async () => {
    answer('agents.list', { agents: [{}, {}] });
    expect((await status.read('s1')).status.agents).toBe(2);
    answer('agents.list', { agents: [{}] });
    expect((await status.read('s1')).status.agents).toBe(2);
    laterMs = 5_000;
    expect((await status.read('s1')).status.agents).toBe(1);
  });

  test('a storage that fails does not fail the answer', async () => {
    storeFails = true;
    expect((await status.read('s1')).source).toBe('gateway');
  });

  test('a caller that leaves does not end the look of the others', async () => {
    const leaving = new AbortController();
    const [left, stayed] = await Promise.allSettled([
      status.read('s1', { signal: leaving.signal }),
      status.read('s1'),
      leaving.abort(),
    ]);
    expect(left).toMatchObject({ status: 'rejected', reason: { code: 'cancelled' } });
    expect(stayed).toMatchObject({ status: 'fulfilled', value: { source: 'gateway' } });
  });
});

describe('from the host, when the gateway does not answer', () => {
  test('a failed unit is failed, with the counts of the command line', async () => {
    await gateway.stop();
    unit('failed', 'failed', { 'unit.Result': 'exit-code', 'unit.NRestarts': 10, 'unit.ExecMainStatus': 1 });
    cliAnswer = () => '{"count":3,"totalCount":30,"sessions":[]}';
    const read = await status.read('s1');
    expect(read).toMatchObject({
      source: 'cli',
      status: {
        version: '2026.9.6',
        gateway: { state: 'failed', ready: false, pid: null, bind: 'loopback' },
        service: { activeState: 'failed', result: 'exit-code', restarts: 10, startLimitHit: true },
        agents: 1,
        sessions: 30,
        disk: { totalBytes: 102_400, availableBytes: 40_960 },
      },
    });
    openclawStatus.parse(read.status);
    expect(observations.at(-1)).toEqual({
      state: 'down',
      reasons: [
        'The gateway has failed.',
        'Its service ended with "exit-code".',
        'systemd gave up after too many restarts.',
      ],
      openclaw: { installed: true, version: '2026.9.6' },
    });
  });

  test('a slow command line is not waited for: its counts come with a later answer', async () => {
    await gateway.stop();
    unit('inactive', 'dead');
    let finish: (() => void) | undefined;
    const slow = new Promise<void>((resolve) => {
      finish = resolve;
    });
    cliAnswer = async () => {
      await slow;
      return '{"count":3}';
    };
    const startedAt = Date.now();
    const first = await status.read('s1');
    expect(Date.now() - startedAt).toBeLessThan(5_000);
    expect(first.status).toMatchObject({ gateway: { state: 'stopped' }, agents: 1, sessions: null });
    finish?.();
    await until(
      () => JSON.stringify(snapshots.rows.get('s1 status')?.payload ?? null).includes('"sessions":3'),
      'the counts are in the snapshot',
    );
    expect((await status.read('s1')).status).toMatchObject({ agents: 1, sessions: 3 });
  });

  test('the command line counts agents only when the config file cannot, and nothing again for a minute', async () => {
    await gateway.stop();
    unit('inactive', 'dead');
    const runs: string[] = [];
    cliAnswer = (words) => {
      runs.push(words.join(' '));
      return words[0] === 'agents' ? '[{},{},{}]' : 'not json';
    };
    await status.read('s1');
    expect(runs).toEqual(['sessions --json --all-agents']);
    await gateways.close();
    start();
    config.agents = { $include: './agents.json5' };
    expect((await status.read('s1')).status).toMatchObject({ agents: 3, sessions: null });
    await status.read('s1');
    expect(runs.slice(1)).toEqual(['agents list --json', 'sessions --json --all-agents']);
  });

  test('a gateway that runs but does not let Buoy in is running all the same', async () => {
    gateway.token = 'changed and not yet in the file';
    const read = await status.read('s1');
    expect(read).toMatchObject({
      source: 'cli',
      status: { gateway: { state: 'running', ready: true, pid: 76 } },
    });
    expect(observations.at(-1)).toMatchObject({
      state: 'up',
      reasons: ['The gateway refuses the token in its own config file.'],
    });
  });

  test('a host without OpenClaw', async () => {
    host = { manager: 'none', unit: '', pid: '', diskKiB: 100, diskFreeKiB: 40 };
    ssh.onScript = () =>
      [...Object.entries(host).map(([key, value]) => `${key}=${value}`), 'end=1'].join('\n');
    const read = await status.read('s1');
    expect(read.status).toMatchObject({
      installed: false,
      version: null,
      gateway: { state: 'not_installed', port: null },
      service: { manager: 'none' },
    });
    openclawStatus.parse(read.status);
    expect(observations.at(-1)).toEqual({
      state: 'up',
      reasons: ['OpenClaw is not installed.'],
      openclaw: { installed: false, version: null },
    });
  });
});

describe('when the server cannot be reached', () => {
  const unreachable = () => {
    throw new AppError('unreachable', 'h:22 does not answer.');
  };

  test('the last status is shown with its age', async () => {
    const before = await status.read('s1');
    await gateways.close();
    ssh.onScript = unreachable;
    start();
    const read = await status.read('s1');
    expect(read).toEqual({
      ...before,
      source: 'snapshot',
      observedAt: snapshots.rows.get('s1 status')?.observedAt,
      problem: expect.objectContaining({ code: 'unreachable', message: 'h:22 does not answer.' }),
    });
    expect(observations.at(-1)).toEqual({
      state: 'unreachable',
      reasons: ['h:22 does not answer.'],
      openclaw: null,
    });
  });

  test('without one the reason is the answer', async () => {
    ssh.onScript = unreachable;
    await expect(status.read('s1')).rejects.toMatchObject({
      code: 'unreachable',
      message: 'h:22 does not answer.',
    });
  });

  test('a snapshot that this Buoy cannot read counts as none', async () => {
    snapshots.rows.set('s1 status', {
      payload: { from: 'another version' },
      observedAt: '2026-01-01T00:00:00.000Z',
    });
    ssh.onScript = unreachable;
    await expect(status.read('s1')).rejects.toMatchObject({ code: 'unreachable' });
  });

  test('a frozen server is told within 3 s, with the last status', { timeout: 10_000 }, async () => {
    await status.read('s1');
    for (const method of Object.keys(gateway.methods)) gateway.methods[method] = () => 'silent';
    ssh.frozen = true;
    const startedAt = Date.now();
    expect((await status.read('s1')).source).toBe('snapshot');
    expect(Date.now() - startedAt).toBeLessThan(3_000);
    expect(observations.at(-1)).toMatchObject({ state: 'unreachable' });
  });

  test('so is one whose gateway refused Buoy shortly before', { timeout: 10_000 }, async () => {
    gateway.token = 'changed and not yet in the file';
    expect((await status.read('s1')).source).toBe('cli');
    ssh.frozen = true;
    const startedAt = Date.now();
    expect((await status.read('s1')).source).toBe('snapshot');
    expect(Date.now() - startedAt).toBeLessThan(3_000);
  });

  test('a frozen server that was never seen is told to be out of reach within 3 s', {
    timeout: 10_000,
  }, async () => {
    ssh.frozen = true;
    const startedAt = Date.now();
    await expect(status.read('s1')).rejects.toMatchObject({ code: 'unreachable', status: 503 });
    expect(Date.now() - startedAt).toBeLessThan(3_000);
  });
});

test('a gateway that comes back is seen as running again, with its new service facts', async () => {
  await status.read('s1');
  host['unit.NRestarts'] = 1;
  gateway.bootId = 'boot-2';
  gateway.closeAll(1012, 'service restart');
  await until(() => gateway.connects.length === 2, 'it is connected again');
  await until(() => ssh.scripts.some(([section]) => section === 'service'), 'the unit was looked at');
  expect((await status.read('s1')).status).toMatchObject({
    gateway: { state: 'running' },
    service: { restarts: 1 },
  });
});
