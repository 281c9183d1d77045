// The security audit runs rarely, once at a time, and shows its last result when it cannot run.
import { securityAudit } from '@buoy/contract';
import { beforeEach, expect, test, vi } from 'vitest';
import { AppError } from '../../lib/app-error.ts';
import { createFakeClock, type FakeClock } from '../../lib/testing/fake-clock.ts';
import { createRecordingLogger } from '../../lib/testing/recording-logger.ts';
import { withTimeout } from '../../lib/with-timeout.ts';
import { deadlineError } from '../gateway/call-limit.ts';
import type { GatewayConnectionState } from '../gateway/gateways.ts';
import type { Cli } from '../host/cli.ts';
import { createReader } from '../reads/reader.ts';
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
let setGatewayState: (serverId: string, state: GatewayConnectionState) => void;

beforeEach(() => {
  clock = createFakeClock();
  runs = [];
  answer = async () => printed;
  const cli: Pick<Cli, 'json'> = {
    async json(_serverId, words, schema, limits) {
      runs.push([...words]);
      return schema.parse(await withTimeout(answer(), limits, clock, deadlineError));
    },
  };
  const reader = createReader({
    cli,
    ssh: { state: () => 'connected' },
    gateways: {
      ...createCalledGateways(),
      onStateChange(listener) {
        setGatewayState = listener;
        return () => {};
      },
    },
    snapshots: createSnapshotsInMemory(),
    clock,
    logger: createRecordingLogger().logger,
  });
  audit = createOpenclawSecurityAudit({ reader, clock });
});
const read = (fresh = false) => audit.read('s1', { fresh, signal });

test('security audit › lists the findings, worst first, with secrets masked', async () => {
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

test('security audit › shares one run between concurrent callers', async () => {
  const answers = await Promise.all([read(), read(true), read()]);
  expect(answers[1]).toEqual(answers[0]);
  expect(runs).toHaveLength(1);
});

test('security audit › serves the next caller when it takes longer than the first one waits', async () => {
  answer = () => new Promise((resolve) => clock.after(80_000, () => resolve(printed)));
  const first = read();
  first.catch(() => undefined);
  await vi.waitFor(() => expect(runs).toHaveLength(1));
  clock.pass(45_000);
  await expect(first).rejects.toMatchObject({ code: 'deadline' });
  const second = read();
  await new Promise((resolve) => setImmediate(resolve));
  clock.pass(35_000);
  expect(await second).toMatchObject({ source: 'cli' });
  expect(runs).toHaveLength(1);
});

test('security audit › is cached for ten minutes, and for 30 seconds even when a fresh one is requested', async () => {
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

test('security audit › returns the last result when the host is unreachable', async () => {
  const first = await read();
  clock.pass(700_000);
  answer = () => Promise.reject(new AppError('unreachable', 'Nothing answers.'));
  expect(await read()).toEqual({ ...first, source: 'snapshot' });
});

test('security audit › fails without an earlier result, or when a fresh one is required', async () => {
  answer = () => Promise.reject(new AppError('unreachable', 'Nothing answers.'));
  await expect(read()).rejects.toMatchObject({ code: 'unreachable' });
  answer = async () => printed;
  await read();
  clock.pass(700_000);
  answer = () => Promise.reject(new AppError('host_key_changed', 'Another key.'));
  await expect(read()).rejects.toMatchObject({ code: 'host_key_changed' });
});

test('security audit › runs again for a server that may be another host', async () => {
  await read();
  setGatewayState('s1', 'reset');
  await read();
  expect(runs).toHaveLength(2);
});
