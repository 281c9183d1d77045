// Costly calls: ten in a row per person, then one a minute; only executed calls count.
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type DurabilityApp,
  type DurabilityAppOptions,
  SUPER_ID,
  startDurabilityApp,
} from '../../test/support/durability-app.ts';
import { AppError } from '../lib/app-error.ts';
import { anyone, signedIn, superAdmin } from './policies.ts';
import { type Route, route } from './route.ts';

const MINUTE_MS = 60_000;

const backup = {
  filename: 'buoy-2026-03-01.gz',
  sizeBytes: 1,
  createdAt: '2026-03-01T10:00:00.000Z',
  sha256: 'ab',
  verified: true,
};

let running: DurabilityApp;
let now: number;
let effects: number;
let during: () => Promise<void> | void;
let ada: string;

const runBackup = route('POST /admin/backups/run', signedIn, async () => {
  effects += 1;
  await during();
  return { backup };
});
const exportAudit = route('GET /admin/audit/export', signedIn, () => {
  effects += 1;
  return { stream: Readable.from(['{}\n']) };
});

async function start(options: DurabilityAppOptions = {}): Promise<void> {
  running = await startDurabilityApp({
    clock: { now: () => now, after: () => () => undefined },
    routes: [runBackup, exportAudit],
    ...options,
  });
  ada = await running.authorization(42);
}

beforeEach(async () => {
  now = Date.parse('2026-03-01T10:00:00.000Z');
  effects = 0;
  during = () => undefined;
  await start();
});
afterEach(() => running.close());

type Extras = { authorization?: string; key?: string; from?: string };

const send = (
  method: 'GET' | 'POST',
  url: string,
  { authorization = ada, key, from = '203.0.113.1' }: Extras = {},
) =>
  running.app.inject({
    method,
    url: `/api/admin/${url}`,
    remoteAddress: from,
    headers: { authorization, ...(key === undefined ? {} : { 'idempotency-key': key }) },
  });
const back = (extras?: Extras) => send('POST', 'backups/run', extras);
const exported = (extras?: Extras) => send('GET', 'audit/export', extras);
const statuses = async (count: number, call: () => Promise<{ statusCode: number }>): Promise<number[]> => {
  const seen: number[] = [];
  for (let index = 0; index < count; index += 1) seen.push((await call()).statusCode);
  return seen;
};

describe('the costly-call budget of a person', () => {
  test('allows ten in a row, then one a minute, and reports the wait', async () => {
    expect(await statuses(10, back)).toEqual(Array(10).fill(201));
    const refused = await back();
    expect(refused.statusCode).toBe(429);
    expect(refused.headers).toMatchObject({
      'retry-after': '60',
      'x-ratelimit-limit': '10',
      'x-ratelimit-remaining': '0',
    });
    expect(refused.json()).toEqual({
      error: 'Too many costly calls: at most 10 in a row, then one a minute.',
      code: 'rate_limited',
      requestId: refused.headers['x-request-id'],
      hint: 'Wait 60 s, then try again.',
      details: { limit: 10, retryAfterS: 60 },
    });
    expect(effects).toBe(10);

    now += MINUTE_MS - 1;
    const early = await back();
    expect([early.statusCode, early.headers['retry-after']]).toEqual([429, '1']);
    now += 1;
    expect(await statuses(2, back)).toEqual([201, 429]);
  });

  test('is shown in the headers', async () => {
    for (const remaining of ['9', '8', '7'])
      expect((await back()).headers).toMatchObject({
        'x-ratelimit-limit': '10',
        'x-ratelimit-remaining': remaining,
      });
    expect((await exported()).headers).toMatchObject({ 'x-ratelimit-remaining': '6' });
  });

  test('is not shown where the address has less left', async () => {
    await running.close();
    await start({ rateLimits: { global: 4 } });
    for (const remaining of ['3', '2', '1', '0'])
      expect((await back()).headers).toMatchObject({
        'x-ratelimit-limit': '4',
        'x-ratelimit-remaining': remaining,
      });
    const refused = await back();
    expect([refused.statusCode, refused.headers['x-ratelimit-limit']]).toEqual([429, '4']);
    expect(effects).toBe(4);
  });

  test('is shared by all costly calls, addresses and devices', async () => {
    await statuses(4, back);
    await statuses(3, exported);
    await statuses(3, () => back({ from: '2001:db8::1' }));
    const otherDevice = await running.authorization(42);
    expect((await back({ authorization: otherDevice, from: '198.51.100.9' })).statusCode).toBe(429);
    expect((await exported({ authorization: otherDevice })).statusCode).toBe(429);
  });

  test('is separate from that of another person at the same address', async () => {
    await statuses(11, back);
    expect((await back({ authorization: await running.authorization(43) })).statusCode).toBe(201);
  });

  test('does not limit other calls', async () => {
    await statuses(11, back);
    const me = await running.app.inject({ url: '/api/me', headers: { authorization: ada } });
    expect(me.statusCode).toBe(200);
  });

  test('grants ten of fifty parallel calls', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => back()));
    expect(answers.filter(({ statusCode }) => statusCode === 201)).toHaveLength(10);
    expect(answers.filter(({ statusCode }) => statusCode === 429)).toHaveLength(40);
    expect(effects).toBe(10);
  });

  test('counts a failed call as well', async () => {
    during = () => {
      throw new AppError('storage_full', 'The disk is full.');
    };
    expect(await statuses(11, back)).toEqual([...Array(10).fill(503), 429]);
  });
});

describe('the costly-call budget is not used up', () => {
  test('by unauthenticated, forbidden or invalid requests', async () => {
    await running.close();
    await start({ routes: [{ ...runBackup, policy: superAdmin }, exportAudit] });
    await statuses(15, () => back({ authorization: 'Bearer a.b.c' }));
    expect(await statuses(15, back)).toEqual(Array(15).fill(403));
    expect(await statuses(15, () => send('GET', 'audit/export?from=yesterday'))).toEqual(Array(15).fill(400));
    expect(await statuses(11, exported)).toEqual([...Array(10).fill(200), 429]);
    const boss = await running.authorization(SUPER_ID);
    expect((await back({ authorization: boss })).headers['x-ratelimit-remaining']).toBe('9');
  });

  test('by a repetition with the same Idempotency-Key, even when it is empty', async () => {
    expect(await statuses(15, () => back({ key: 'once' }))).toEqual(Array(15).fill(201));
    expect((await back()).headers['x-ratelimit-remaining']).toBe('8');
    await statuses(8, back);
    expect((await back()).statusCode).toBe(429);
    expect((await back({ key: 'once' })).statusCode).toBe(201);
    expect(effects).toBe(10);
  });

  test('by fifty repetitions at once', async () => {
    during = () => new Promise((resolve) => setImmediate(resolve));
    const answers = await Promise.all(Array.from({ length: 50 }, () => back({ key: 'once' })));
    expect(answers.every(({ statusCode }) => statusCode === 201)).toBe(true);
    expect((await back()).headers['x-ratelimit-remaining']).toBe('8');
  });
});

describe('a refused costly call', () => {
  test('is not stored for its Idempotency-Key: a minute later the same call succeeds', async () => {
    await statuses(10, back);
    expect((await back({ key: 'later' })).statusCode).toBe(429);
    now += MINUTE_MS;
    expect((await back({ key: 'later' })).statusCode).toBe(201);
  });

  test('reports the wait to every parallel repetition', async () => {
    await statuses(10, back);
    const answers = await Promise.all(Array.from({ length: 5 }, () => back({ key: 'at-once' })));
    for (const { statusCode, headers } of answers) {
      expect(statusCode).toBe(429);
      expect(headers).toMatchObject({
        'retry-after': '60',
        'x-ratelimit-limit': '10',
        'x-ratelimit-remaining': '0',
      });
    }
  });

  test('writes no audit entry, so that a loop cannot fill the log', async () => {
    await statuses(12, back);
    const { entries } = await running.audit.list({ limit: 50, action: 'backups/run' });
    expect(entries.map(({ result }) => result)).toEqual(Array(10).fill('ok'));
  });
});

test('Buoy does not start with a costly public call', async () => {
  const open: Route = { ...runBackup, policy: anyone };
  await expect(startDurabilityApp({ routes: [open] })).rejects.toThrow(
    'POST /admin/backups/run is expensive and public: its calls cannot be counted for a person.',
  );
});
