// The status against a scripted gateway on loopback and a host whose scripts the test answers.
import { openclawStatus } from '@buoy/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../../lib/testing/until.ts';
import { createStatusFixture, type StatusFixture } from '../testing/status-fixture.ts';

let fixture: StatusFixture;
beforeEach(async () => {
  fixture = await createStatusFixture();
});
afterEach(() => fixture.close());

describe('status from the gateway', () => {
  test('has all fields in one answer, and matches the contract', async () => {
    const read = await fixture.status.read('s1');
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
        port: fixture.gateway.port,
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
    expect(fixture.observations).toEqual([
      { state: 'up', reasons: [], openclaw: { installed: true, version: '2026.9.6' } },
    ]);
  });

  test('has the port at which Buoy reaches the gateway, whatever port it names itself', async () => {
    fixture.answer('system.info', { port: 22, pid: 76 });
    const { source, status } = await fixture.status.read('s1');
    expect([source, status.gateway.pid, status.gateway.port]).toEqual(['gateway', 76, fixture.gateway.port]);
  });

  test('does not report unreadable channels as no channels', async () => {
    expect(await fixture.status.read('s1')).toMatchObject({ status: { channels: [] }, channelsSeen: true });
    fixture.answer('channels.status', 'nothing that anybody knows');
    expect(await fixture.status.read('s1')).toMatchObject({
      source: 'gateway',
      status: { channels: [] },
      channelsSeen: false,
    });
  });

  test('concurrent callers share one read; later ones read again', async () => {
    await Promise.all(Array.from({ length: 20 }, () => fixture.status.read('s1')));
    expect(fixture.asked['sessions.list']).toBe(1);
    await fixture.status.read('s1');
    expect(fixture.asked['sessions.list']).toBe(2);
  });

  test('the newest version is requested once, not at each read', async () => {
    fixture.answer('update.status', {
      updateAvailable: { currentVersion: '2026.9.6', latestVersion: '2026.10.1' },
    });
    for (let reads = 0; reads < 5; reads += 1) {
      expect((await fixture.status.read('s1')).status.update).toEqual({
        current: '2026.9.6',
        latest: '2026.10.1',
        behind: true,
      });
    }
    expect(fixture.asked['update.status']).toBe(1);
  });

  test('missing fields of an older gateway are filled from the host where possible', async () => {
    fixture.gateway.version = '2026.7.35';
    fixture.gateway.bootId = null;
    delete fixture.gateway.methods['system.info'];
    delete fixture.gateway.methods['update.status'];
    fixture.answer('agents.list', { something: 'else' });
    const { status: read, source } = await fixture.status.read('s1');
    expect(source).toBe('gateway');
    expect(read).toMatchObject({
      version: '2026.7.35',
      gateway: { pid: 76, uptimeS: 600, port: fixture.gateway.port },
      agents: null,
      sessions: 17,
      disk: { totalBytes: 102_400, availableBytes: 40_960 },
    });
  });

  test('is not ready during the start, and later ready except for a channel', async () => {
    fixture.gateway.pages['/readyz'] = {
      status: 503,
      body: '{"ready":false,"failing":["startup-sidecars"]}',
    };
    expect((await fixture.status.read('s1')).status.gateway).toMatchObject({
      state: 'starting',
      ready: false,
    });
    fixture.gateway.pages['/readyz'] = { status: 503, body: '{"ready":false,"failing":["telegram"]}' };
    expect((await fixture.status.read('s1')).status.gateway).toMatchObject({
      state: 'running',
      ready: false,
    });
    expect(fixture.observations.at(-1)).toMatchObject({
      state: 'down',
      reasons: ['The gateway runs but is not ready.'],
    });
  });

  test('an unchanged status is neither stored nor reported again soon', async () => {
    for (let reads = 0; reads < 10; reads += 1) await fixture.status.read('s1');
    expect({ puts: fixture.puts, observations: fixture.observations.length }).toEqual({
      puts: 1,
      observations: 1,
    });
    fixture.answer('agents.list', { agents: [] });
    fixture.laterMs = 5_000;
    await fixture.status.read('s1');
    expect(fixture.puts).toBe(2);
  });

  test('the agents are counted again after 5 s, not at each read', async () => {
    fixture.answer('agents.list', { agents: [{}, {}] });
    expect((await fixture.status.read('s1')).status.agents).toBe(2);
    fixture.answer('agents.list', { agents: [{}] });
    expect((await fixture.status.read('s1')).status.agents).toBe(2);
    fixture.laterMs = 5_000;
    expect((await fixture.status.read('s1')).status.agents).toBe(1);
  });

  test('answers when the status cannot be stored', async () => {
    fixture.storeFails = true;
    expect((await fixture.status.read('s1')).source).toBe('gateway');
  });

  test('an aborted caller does not end the read of the others', async () => {
    const leaving = new AbortController();
    const [left, stayed] = await Promise.allSettled([
      fixture.status.read('s1', { signal: leaving.signal }),
      fixture.status.read('s1'),
      leaving.abort(),
    ]);
    expect(left).toMatchObject({ status: 'rejected', reason: { code: 'cancelled' } });
    expect(stayed).toMatchObject({ status: 'fulfilled', value: { source: 'gateway' } });
  });
});

describe('status from the host, when the gateway does not answer', () => {
  test('a failed unit is reported as failed, with the counts of the command line', async () => {
    await fixture.gateway.stop();
    fixture.unit('failed', 'failed', {
      'unit.Result': 'exit-code',
      'unit.NRestarts': 10,
      'unit.ExecMainStatus': 1,
    });
    fixture.cliAnswer = () => '{"count":3,"totalCount":30,"sessions":[]}';
    const read = await fixture.status.read('s1');
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
    expect(fixture.observations.at(-1)).toEqual({
      state: 'down',
      reasons: [
        'The gateway has failed.',
        'Its service ended with "exit-code".',
        'systemd gave up after too many restarts.',
      ],
      openclaw: { installed: true, version: '2026.9.6' },
    });
  });

  test('a failed unit has the cause from its log, read once for each time that it failed', async () => {
    await fixture.gateway.stop();
    fixture.unit('failed', 'failed', { 'unit.Result': 'exit-code', 'unit.ExecMainStatus': 78 });
    fixture.journal = [
      'Started openclaw-gateway.service - OpenClaw Gateway.',
      '2026-11-25T01:17:43.242+00:00 Gateway failed to start: Invalid config at /home/deploy/.openclaw/openclaw.json:',
      'gateway: Unrecognized key: "nope", token=abcdefghijklmnopqrstuvwx',
      "openclaw-gateway.service: Failed with result 'exit-code'.",
    ];
    const cause =
      'Invalid config at /home/deploy/.openclaw/openclaw.json: gateway: Unrecognized key: "nope", token=[redacted].';
    const { failure } = await fixture.status.read('s1');
    expect(failure).toEqual({
      cause,
      lastLine: 'gateway: Unrecognized key: "nope", token=[redacted]',
    });
    expect(fixture.observations.at(-1)?.reasons).toEqual(['The gateway has failed.', cause]);
    const reads = () => fixture.ssh.scripts.filter(([manager]) => manager === 'systemd-user').length;
    await fixture.status.read('s1');
    expect(reads()).toBe(1);
    fixture.host['unit.NRestarts'] = 1;
    fixture.journal = ['Port 18789 is already in use', '- pid 42 (nginx)'];
    expect((await fixture.status.read('s1')).failure?.cause).toBe(
      'Port 18789 is already in use by pid 42 (nginx).',
    );
    expect(reads()).toBe(2);
  });

  test('a gateway that runs and cannot start says what keeps it from it, and no error from before', async () => {
    await fixture.gateway.stop();
    fixture.host.uptimeS = 29;
    fixture.journal = [
      'Error: an old one',
      '[gateway] already running under systemd; waiting 5000ms before retrying startup',
    ];
    expect((await fixture.status.read('s1')).failure).toBeNull();
    fixture.laterMs = 2_000;
    fixture.host.uptimeS = 31;
    const { failure, status } = await fixture.status.read('s1');
    expect([failure?.cause, status.gateway.state]).toEqual([
      "Another program already listens on the gateway's port.",
      'starting',
    ]);
    fixture.laterMs = 400_000;
    fixture.journal.push('[gateway] ready', 'Error: of a channel');
    expect((await fixture.status.read('s1')).failure?.cause).toBeNull();
  });

  test('the log of a gateway that a person stopped is not searched for a cause', async () => {
    await fixture.gateway.stop();
    fixture.unit('inactive', 'dead', { 'unit.Result': 'success' });
    fixture.journal = ['Error: of an hour ago'];
    expect((await fixture.status.read('s1')).failure).toBeNull();
    expect(fixture.observations.at(-1)?.reasons).toEqual(['The gateway is stopped.']);
  });

  test('does not wait for a slow command line, whose counts come with a later answer', async () => {
    await fixture.gateway.stop();
    fixture.unit('inactive', 'dead');
    let finish: (() => void) | undefined;
    const slow = new Promise<void>((resolve) => {
      finish = resolve;
    });
    fixture.cliAnswer = async () => {
      await slow;
      return '{"count":3}';
    };
    const startedAt = Date.now();
    const first = await fixture.status.read('s1');
    expect(Date.now() - startedAt).toBeLessThan(5_000);
    expect(first.status).toMatchObject({ gateway: { state: 'stopped' }, agents: 1, sessions: null });
    finish?.();
    await until(
      () => JSON.stringify(fixture.snapshots.rows.get('s1 status')?.payload ?? null).includes('"sessions":3'),
      'the counts are in the snapshot',
    );
    expect((await fixture.status.read('s1')).status).toMatchObject({ agents: 1, sessions: 3 });
  });

  test('the command line counts agents only when the config file cannot, and nothing again for a minute', async () => {
    await fixture.gateway.stop();
    fixture.unit('inactive', 'dead');
    const runs: string[] = [];
    fixture.cliAnswer = (words) => {
      runs.push(words.join(' '));
      return words[0] === 'agents' ? '[{},{},{}]' : 'not json';
    };
    await fixture.status.read('s1');
    expect(runs).toEqual(['sessions --json --all-agents']);
    await fixture.stop();
    fixture.start();
    fixture.config.agents = { $include: './agents.json5' };
    expect((await fixture.status.read('s1')).status).toMatchObject({ agents: 3, sessions: null });
    await fixture.status.read('s1');
    expect(runs.slice(1)).toEqual(['agents list --json', 'sessions --json --all-agents']);
  });

  test('a gateway that refuses Buoy is still reported as running', async () => {
    fixture.gateway.token = 'changed and not yet in the file';
    const read = await fixture.status.read('s1');
    expect(read).toMatchObject({
      source: 'cli',
      status: { gateway: { state: 'running', ready: true, pid: 76 } },
    });
    expect(fixture.observations.at(-1)).toMatchObject({
      state: 'up',
      reasons: ['The gateway refuses the token in its own config file.'],
    });
  });

  test('a host without OpenClaw', async () => {
    fixture.host = { manager: 'none', unit: '', pid: '', diskKiB: 100, diskFreeKiB: 40 };
    fixture.ssh.onScript = () =>
      [...Object.entries(fixture.host).map(([key, value]) => `${key}=${value}`), 'end=1'].join('\n');
    const read = await fixture.status.read('s1');
    expect(read.status).toMatchObject({
      installed: false,
      version: null,
      gateway: { state: 'not_installed', port: null },
      service: { manager: 'none' },
    });
    openclawStatus.parse(read.status);
    expect(fixture.observations.at(-1)).toEqual({
      state: 'not_set_up',
      reasons: ['OpenClaw is not installed.'],
      openclaw: { installed: false, version: null },
    });
  });
});
