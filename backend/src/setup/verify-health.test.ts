// What the check of a gateway that was set up says of a status, without a server.
import type { HealthCheckId, OpenclawStatus } from '@buoy/contract';
import { describe, expect, test } from 'vitest';
import { healthChecks } from './verify-health.ts';

const healthy: OpenclawStatus = {
  installed: true,
  version: '2026.9.6',
  gateway: {
    ...{ state: 'running', ready: true, pid: 76, uptimeS: 60 },
    ...{ port: 18_789, bind: 'loopback', authMode: 'token', rssBytes: 700_000_000 },
  },
  service: {
    ...{ manager: 'systemd-user', unit: 'openclaw-gateway.service', activeState: 'active' },
    ...{ result: 'success', restarts: 0, startLimitHit: false },
  },
  channels: [{ id: 'telegram', account: 'default', state: 'connected', error: null }],
  agents: 1,
  sessions: 0,
  update: { current: '2026.9.6', latest: null, behind: null },
  disk: null,
  memory: null,
};

type Seen = Parameters<typeof healthChecks>[0];

function statuses(changes: Partial<Seen> = {}, status: Partial<OpenclawStatus> = {}) {
  const checks = healthChecks({
    ...{ isFromGateway: true, linger: true, model: null },
    ...changes,
    status: { ...healthy, ...status },
  });
  return Object.fromEntries(checks.map((check) => [check.id, check.status])) as Record<HealthCheckId, string>;
}

const all = { service: 'pass', gateway: 'pass', rpc: 'pass', linger: 'pass', channels: 'pass' };

describe('health after a setup', () => {
  test('passes for a gateway that is ready, as a service that lingers', () => {
    expect(statuses()).toEqual(all);
  });

  test('fails for a gateway that answers no calls', () => {
    expect(statuses({ isFromGateway: false })).toEqual({ ...all, rpc: 'fail' });
  });

  test('fails for a gateway that stops with the last login, and names the command', () => {
    expect(statuses({ linger: false })).toEqual({ ...all, linger: 'fail' });
    const [check] = healthChecks({ status: healthy, isFromGateway: true, linger: false, model: null }).filter(
      ({ id }) => id === 'linger',
    );
    expect(check?.fix?.command).toContain('loginctl enable-linger');
  });

  test('does not ask for lingering of a system service', () => {
    const service = { ...healthy.service, manager: 'systemd-system' as const };
    expect(statuses({ linger: false }, { service })).toEqual(all);
  });

  test('fails for a gateway that nothing starts after a reboot', () => {
    const service = { ...healthy.service, manager: 'none' as const, unit: null, activeState: null };
    expect(statuses({ linger: null }, { service })).toEqual({ ...all, service: 'fail' });
  });

  test.each(['stopped', 'failed', 'starting'] as const)('fails for a gateway that is %s', (state) => {
    const gateway = { ...healthy.gateway, state, ready: false };
    expect(statuses({}, { gateway })).toEqual({ ...all, gateway: 'fail' });
  });

  test('warns of a channel that is not connected, and passes over one that is off', () => {
    const channels = [
      { id: 'telegram', account: 'default', state: 'disconnected' as const, error: 'x' },
      { id: 'slack', account: 'default', state: 'disabled' as const, error: null },
    ];
    expect(statuses({}, { channels })).toEqual({ ...all, channels: 'warn' });
  });

  test('repeats what a model said when it was asked', () => {
    const model = {
      ...{ ok: false, status: 'auth' as const, provider: 'anthropic', model: null, latencyMs: null },
      detail: 'The key was refused.',
    };
    const checks = healthChecks({ status: healthy, isFromGateway: true, linger: true, model });
    expect(checks.at(-1)).toMatchObject({ id: 'model_turn', status: 'fail', detail: 'The key was refused.' });
  });
});
