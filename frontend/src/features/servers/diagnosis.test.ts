import type { OpenclawStatus, Server } from '@buoy/contract';
import { ApiError } from '@buoy/contract/client';
import { describe, expect, it } from 'vitest';
import { needsSetup, problemsOf } from './diagnosis.ts';
import type { StatusAnswer } from './known-statuses.ts';
import { serverRecord } from './testing/server-record.ts';

const server = serverRecord();

const healthy: OpenclawStatus = {
  installed: true,
  version: '2026.9.6',
  gateway: {
    state: 'running',
    ready: true,
    pid: 1,
    uptimeS: 1,
    port: 1,
    bind: null,
    authMode: null,
    rssBytes: null,
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
  agents: 1,
  sessions: 1,
  update: { current: null, latest: null, behind: null },
  disk: { totalBytes: 100, availableBytes: 50 },
  memory: { totalBytes: 100, availableBytes: 50 },
};

const answer = (
  change: {
    gateway?: Partial<OpenclawStatus['gateway']>;
    service?: Partial<OpenclawStatus['service']>;
  } & Partial<Pick<OpenclawStatus, 'channels' | 'disk' | 'memory' | 'installed'>> = {},
  source: StatusAnswer['source'] = 'gateway',
): StatusAnswer => ({
  source,
  observedAt: '2026-01-01T00:00:00.000Z',
  status: {
    ...healthy,
    ...change,
    gateway: { ...healthy.gateway, ...change.gateway },
    service: { ...healthy.service, ...change.service },
  },
});

const kinds = (...given: Parameters<typeof problemsOf>) =>
  problemsOf(...given).map(({ kind, repair }) => `${kind}: ${repair}`);

describe('server problems', () => {
  it('lists none while the gateway is ready or nothing was read yet', () => {
    expect(problemsOf(server, answer(), null)).toEqual([]);
    expect(problemsOf(server, null, null)).toEqual([]);
  });

  it.each([
    ['stopped', {}, 'stopped: start'],
    ['failed', { result: 'exit-code' }, 'failed: restart'],
    ['failed', { startLimitHit: true }, 'gaveUp: restart'],
    ['stopped', { startLimitHit: true }, 'gaveUp: restart'],
    ['starting', {}, 'starting: null'],
  ] as const)('a gateway that is %s (%j) is %s', (state, service, expected) => {
    expect(kinds(server, answer({ gateway: { state, ready: false }, service }), null)).toEqual([expected]);
  });

  it('names the service result as the cause', () => {
    const [first] = problemsOf(
      server,
      answer({ gateway: { state: 'failed', ready: false }, service: { result: 'oom-kill' } }),
      null,
    );
    expect(first?.serviceResult).toBe('oom-kill');
  });

  it('reports a running gateway that is not ready', () => {
    expect(kinds(server, answer({ gateway: { ready: false } }), null)).toEqual(['notReady: restart']);
  });

  it('lists a disconnected channel with its error, after the gateway', () => {
    const channels: OpenclawStatus['channels'] = [
      { id: 'telegram', account: 'default', state: 'disconnected', error: 'Unauthorized' },
      { id: 'slack', account: 'default', state: 'connected', error: null },
      { id: 'signal', account: 'default', state: 'disabled', error: null },
    ];
    const found = problemsOf(server, answer({ gateway: { ready: false }, channels }), null);
    expect(found.map(({ kind }) => kind)).toEqual(['notReady', 'channels']);
    expect(found[1]).toMatchObject({ names: ['telegram'], causes: ['Unauthorized'], repair: 'channels' });
  });

  it('reports a nearly full disk or memory', () => {
    const found = problemsOf(
      server,
      answer({
        disk: { totalBytes: 100, availableBytes: 3 },
        memory: { totalBytes: 100, availableBytes: 6 },
      }),
      null,
    );
    expect(found).toMatchObject([{ kind: 'disk', share: 0.97 }]);
  });

  it.each([
    ['unreachable', 'unreachable: test'],
    ['circuit_open', 'unreachable: test'],
    ['ssh_auth', 'login: credential'],
    ['host_key_changed', 'hostKey: hostKey'],
  ] as const)('is the way to it when the answer is %s, whatever was read before', (code, expected) => {
    const error = new ApiError(503, { error: 'It failed.', hint: 'Look there.', code });
    const before = answer({ gateway: { state: 'stopped', ready: false } });
    expect(kinds(server, before, error)).toEqual([expected]);
    expect(problemsOf(server, before, error)[0]).toMatchObject({
      causes: ['It failed.'],
      hint: 'Look there.',
    });
  });

  it('lists none when the error is about something else', () => {
    const error = new ApiError(500, { error: 'Oh no.', code: 'internal' });
    expect(problemsOf(server, answer({ gateway: { state: 'stopped', ready: false } }), error)).toEqual([]);
  });

  it('reports the server as unreachable when only a snapshot exists, without the snapshot’s problems', () => {
    const lost: Server = {
      ...server,
      status: { ...server.status, state: 'unreachable', reasons: ['It does not answer.'] },
    };
    const past = answer({ gateway: { state: 'stopped', ready: false } }, 'snapshot');
    expect(problemsOf(lost, past, null)).toMatchObject([
      { kind: 'unreachable', causes: ['It does not answer.'], repair: 'test' },
    ]);
    expect(kinds(lost, null, null)).toEqual(['unreachable: test']);
    // The list is older than the answer: the server is there again.
    expect(kinds(lost, answer(), null)).toEqual([]);
  });
});

describe('setup of a server', () => {
  const needs = (...given: Parameters<typeof answer>) => needsSetup(answer(...given).status);

  it('is needed where OpenClaw is missing, or where nothing starts its gateway', () => {
    expect(needs({ installed: false, gateway: { state: 'not_installed' } })).toBe(true);
    expect(needs({ gateway: { state: 'stopped' }, service: { manager: 'none', unit: null } })).toBe(true);
  });

  it('is not needed where a service is stopped, or a gateway runs without one', () => {
    expect(needs({ gateway: { state: 'stopped' } })).toBe(false);
    expect(needs({ gateway: { state: 'running' }, service: { manager: 'none', unit: null } })).toBe(false);
  });

  it('hides the problem of a gateway that nothing could start', () => {
    const unfinished = answer({ gateway: { state: 'stopped' }, service: { manager: 'none', unit: null } });
    expect(kinds(server, unfinished, null)).toEqual([]);
  });
});
