// Lists of alerts that are longer than a message, and texts that a server wrote.
import type { Alert } from '@buoy/contract';
import { describe, expect, test } from 'vitest';
import { alertsAnswer, statusAnswer } from './answers.ts';
import { createScriptedApi } from './testing/scripted-api.ts';

type OneAlert = { serverId: string; severity?: string; cause?: string };
const servers = [
  { id: 'srv_1', name: 'noisy', status: { state: 'down', reasons: [] } },
  { id: 'srv_2', name: 'db', status: { state: 'up', reasons: [] } },
];

/** Pages of 200 as the API makes them, newest first; then one that is resolved. */
const apiWith = (open: OneAlert[]) => {
  const all = [
    ...open.map((one) => ({
      ...{ type: 'gateway_down', severity: 'warning', cause: 'It is stopped.', resolvedAt: null },
      ...one,
    })),
    { serverId: 'srv_1', type: 'disk_full', severity: 'critical', resolvedAt: '2026-03-01T10:00:00.000Z' },
  ] as Alert[];
  return createScriptedApi({
    'GET /servers': () => ({ servers, nextCursor: null }),
    'GET /servers/:id/openclaw/status': () => undefined,
    'GET /alerts': ({ query }) => {
      const { cursor = '0', serverId } = query as { cursor?: string; serverId?: string };
      const from = Number(cursor);
      const matching = all.filter((one) => serverId === undefined || one.serverId === serverId);
      const isLast = from + 200 >= matching.length;
      return { alerts: matching.slice(from, from + 200), nextCursor: isLast ? null : String(from + 200) };
    },
  }).api;
};
const flood = Array.from({ length: 200 }, () => ({ serverId: 'srv_1' }));

describe('/alerts', () => {
  test('names an alert of each server before the second of any, and says how many are left out', async () => {
    const text = await alertsAnswer({ api: apiWith([...flood, { serverId: 'srv_2' }]), language: 'en' });
    const lines = text.split('\n');
    expect(lines.filter((line) => line.startsWith('🟠')).slice(0, 2)).toEqual([
      '🟠 <b>noisy: Gateway is down</b>',
      '🟠 <b>db: Gateway is down</b>',
    ]);
    expect(lines.at(-1)).toBe('and 181 more');
    expect(text).not.toContain('disk');
  });

  test('fits into a message whatever servers wrote, and says how many are left out', async () => {
    const cause = '<&'.repeat(500);
    const text = await alertsAnswer({
      api: apiWith(flood.map((one) => ({ ...one, cause }))),
      language: 'en',
    });
    expect(text.length).toBeLessThan(4_000);
    expect(text).toMatch(/\nand 19\d more$/);
  });

  test('has nothing to tap on in what servers wrote', async () => {
    const cause = 'Sign in at evil.example or write to @evil.';
    const text = await alertsAnswer({ api: apiWith([{ serverId: 'srv_2', cause }]), language: 'en' });
    expect(text).toBe(`🟠 <b>db: Gateway is down</b>\n<code>${cause}</code>`);
  });
});

test('/status says how many alerts of the server are left out', async () => {
  const text = await statusAnswer({ api: apiWith(flood), language: 'en' }, 'noisy');
  expect(text).toContain('🔴 <b>noisy</b>');
  expect(text).toMatch(/\nand 180 more$/);
});
