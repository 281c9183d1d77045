// Tokens and cost of the day, asked at most once an hour.
import type { OpenclawUsage } from '@buoy/contract';
import { beforeEach, expect, test } from 'vitest';
import { createFakeClock, type FakeClock } from '../lib/testing/fake-clock.ts';
import { createDailyUsage, type DailyUsage } from './daily-usage.ts';

const HOUR_MS = 3_600_000;

let clock: FakeClock;
let asked: string[];
let tokens: number | Error;
let usage: DailyUsage;

beforeEach(() => {
  clock = createFakeClock();
  asked = [];
  tokens = 5;
  usage = createDailyUsage({
    async ask(serverId, day) {
      asked.push(`${serverId} ${day}`);
      if (tokens instanceof Error) throw tokens;
      return { totals: { tokens, costUsd: 0.5 } } as OpenclawUsage;
    },
    clock,
  });
});
const settled = () => new Promise((resolve) => setImmediate(resolve));
const nothing = { tokens: null, costUsd: null };

test('a server is asked once an hour, and nobody waits for its answer', async () => {
  expect(usage.read('a')).toEqual(nothing);
  expect(usage.read('a')).toEqual(nothing);
  await settled();
  expect(usage.read('a')).toEqual({ tokens: 5, costUsd: 0.5 });
  expect(asked).toHaveLength(1);
  tokens = 9;
  clock.pass(HOUR_MS);
  expect(usage.read('a').tokens).toBe(5);
  await settled();
  expect(usage.last('a').tokens).toBe(9);
  expect(usage.last('b')).toEqual(nothing);
});

test('a server that does not answer keeps its figures, and is not asked again at once', async () => {
  usage.read('a');
  await settled();
  tokens = new Error('no gateway');
  clock.pass(HOUR_MS);
  usage.read('a');
  await settled();
  expect(usage.read('a').tokens).toBe(5);
  expect(asked).toHaveLength(2);
});

test('the figures of yesterday are not those of today', async () => {
  usage.read('a');
  await settled();
  clock.pass(24 * HOUR_MS);
  expect(usage.last('a')).toEqual(nothing);
  expect(usage.read('a')).toEqual(nothing);
  await settled();
  expect(new Set(asked).size).toBe(2);
});
