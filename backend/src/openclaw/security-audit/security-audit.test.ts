// The audit is run seldom, by one at a time, and shown as it was last seen when it cannot be run.
import { securityAudit } from '@buoy/contract';
import { beforeEach, expect, test } from 'vitest';
import { AppError } from '../../lib/app-error.ts';
import { createFakeClock, type FakeClock } from '../../lib/testing/fake-clock.ts';
import { createRecordingLogger } from '../../lib/testing/recording-logger.ts';
import type { GatewayConnectionState } from '../gateway/gateways.ts';
import type { Cli } from '../host/cli.ts';
import { createCalledGateways } from '../testing/called-gateways.ts';
import { createSnapshotsInMemory } from '../testing/snapshots-in-memory.ts';
import { createOpenclawSecurityAudit, type OpenclawSecurityAudit } from './security-audit.ts';

const { signal } = new AbortController();
const printed = {
  ts: Date.parse('2026-03-01T09:59:58.000Z'),
  summary: { critical: 0, warn: 1, info: 1 },
  findings: [
    {
      checkId: 'summary.attack_surface',
      severity: 'info',
      title: 'Attack surface',
      detail: 'groups: open=0',
    },
    {
      checkId: 'gateway.trusted_proxies_missing',
      severity: 'warn',
      title: 'Reverse proxy headers are not trusted',
      detail: 'gateway.auth.token 0123456789abcdef is short',
      remediation: 'Set gateway.trustedProxies.',
    },
  ],
};
let clock: FakeClock;
let audit: OpenclawSecurityAudit;
let runs: string[][];
let answer: () => Promise<unknown>;
let tell: (serverId: string, state: GatewayConnectionState) => void;

beforeEach(() => {
  clock = createFakeClock();
  runs = [];
  answer = async () => printed;
  const cli: Pick<Cli, 'json'> = {
    async json(_serverId, words, schema) {
      runs.push([...words]);
      return schema.parse(await answer());
    },
  };
  audit = createOpenclawSecurityAudit({
    cli,
    gateways: {
      ...createCalledGateways(),
      onStateChange(listener) {
        tell = listener;
        return () => {};
      },
    },
    snapshots: createSnapshotsInMemory(),
    clock,
    logger: createRecordingLogger().logger,
  });
});
const read = (fresh = false) => audit.read('s1', { fresh, signal });

test('the findings, the worst first, secrets masked', async () => {
  const { audit: found, ...from } = await read();
  expect(from).toEqual({ source: 'cli', observedAt: '2026-03-01T10:00:00.000Z' });
  expect(securityAudit.parse(found)).toEqual({
    summary: { critical: 0, warn: 1, info: 1 },
    findings: [
      {
        id: 'gateway.trusted_proxies_missing',
        severity: 'warn',
        title: 'Reverse proxy headers are not trusted',
        detail: 'gateway.auth.token [redacted] is short',
        fix: 'Set gateway.trustedProxies.',
      },
      {
        id: 'summary.attack_surface',
        severity: 'info',
        title: 'Attack surface',
        detail: 'groups: open=0',
        fix: null,
      },
    ],
    checkedAt: '2026-03-01T09:59:58.000Z',
  });
  expect(runs).toEqual([['security', 'audit', '--json']]);
});

test('one run for all who ask at the same time', async () => {
  const answers = await Promise.all([read(), read(true), read()]);
  expect(answers[1]).toEqual(answers[0]);
  expect(runs).toHaveLength(1);
});

test('kept for ten minutes; for half a minute even from who wants a fresh one', async () => {
  await read();
  clock.pass(29_000);
  await read(true);
  expect(runs).toHaveLength(1);
  clock.pass(2_000);
  await read();
  expect(runs).toHaveLength(1);
  await read(true);
  expect(runs).toHaveLength(2);
  clock.pass(600_000);
  await read();
  expect(runs).toHaveLength(3);
});

test('as it was last seen when the host cannot be asked', async () => {
  const first = await read();
  clock.pass(700_000);
  answer = () => Promise.reject(new AppError('unreachable', 'Nothing answers.'));
  expect(await read()).toEqual({ ...first, source: 'snapshot' });
});

test('a failure when it was never seen, or when no old figures may stand in the way', async () => {
  answer = () => Promise.reject(new AppError('unreachable', 'Nothing answers.'));
  await expect(read()).rejects.toMatchObject({ code: 'unreachable' });
  answer = async () => printed;
  await read();
  clock.pass(700_000);
  answer = () => Promise.reject(new AppError('host_key_changed', 'Another key.'));
  await expect(read()).rejects.toMatchObject({ code: 'host_key_changed' });
});

test('of a server that may be another one is run again', async () => {
  await read();
  tell('s1', 'reset');
  await read();
  expect(runs).toHaveLength(2);
});
