// The state of the gateway from its unit, when the gateway itself does not answer.
import { expect, test } from 'vitest';
import type { Installation, ServiceFacts } from '../host/installation.ts';
import { gatewayStateOf } from './host-status.ts';

const installation: Installation = {
  installed: true,
  binaryPath: '/opt/node24/bin/openclaw',
  nodePath: '/opt/node24/bin/node',
  version: '2026.9.6',
  configPath: '/home/deploy/.openclaw/openclaw.json',
  statePath: '/home/deploy/.openclaw',
  port: 18_789,
  bind: 'loopback',
  authMode: 'token',
  manager: 'systemd-user',
  unit: 'openclaw-gateway.service',
  linger: true,
};
const service: ServiceFacts = {
  manager: 'systemd-user',
  unit: 'openclaw-gateway.service',
  activeState: 'inactive',
  subState: 'dead',
  result: 'success',
  restarts: 0,
  startLimitHit: false,
  pid: null,
  execMainStatus: 0,
  uptimeS: null,
  rssBytes: null,
};

test.for([
  [{ activeState: 'active', pid: 9, uptimeS: 5 }, 'starting'],
  [{ activeState: 'active', pid: 9, uptimeS: 900 }, 'running'],
  [{ activeState: 'active', pid: 9, uptimeS: null }, 'starting'],
  [{ activeState: 'activating', subState: 'start' }, 'starting'],
  [{ activeState: 'activating', subState: 'auto-restart', result: 'success', restarts: 3 }, 'starting'],
  [{ activeState: 'activating', subState: 'auto-restart', result: 'exit-code', restarts: 0 }, 'starting'],
  [{ activeState: 'activating', subState: 'auto-restart', result: 'exit-code', restarts: 2 }, 'failed'],
  [{ activeState: 'deactivating' }, 'stopped'],
  [{ activeState: 'inactive' }, 'stopped'],
  [{ activeState: 'failed' }, 'failed'],
  [{ activeState: null }, 'stopped'],
  [{ manager: 'none', activeState: null }, 'stopped'],
  [{ manager: 'none', activeState: null, pid: 9, uptimeS: 900 }, 'running'],
] as const)('%o is %s', ([facts, state]) => {
  expect(gatewayStateOf(installation, { ...service, ...facts }, null)).toBe(state);
});

test('host status › the health page of the gateway wins over its unit', () => {
  const active = { ...service, activeState: 'active', pid: 9, uptimeS: 900 };
  expect(gatewayStateOf(installation, active, { ready: true, failing: [] })).toBe('running');
  expect(gatewayStateOf(installation, active, { ready: false, failing: ['gateway-draining'] })).toBe(
    'starting',
  );
  expect(gatewayStateOf(installation, active, { ready: false, failing: ['telegram'] })).toBe('running');
});

test('host status › OpenClaw is not installed', () => {
  expect(gatewayStateOf({ ...installation, installed: false }, service, null)).toBe('not_installed');
});
