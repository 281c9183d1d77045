// Usage figures of both versions of OpenClaw in one form.
import { openclawUsage } from '@buoy/contract';
import { expect, test } from 'vitest';
import { costAnswer, isFresh, presentUsage, sessionsAnswer } from './figures.ts';

const sums = (input: number, totalCost = 0) => ({
  input,
  output: 54,
  cacheRead: 3,
  cacheWrite: 0,
  totalTokens: input + 57,
  totalCost,
  inputCost: 0,
  missingCostEntries: 0,
});
const cost = (more: object = {}) =>
  costAnswer.parse({
    updatedAt: 1795560304201,
    days: 30,
    daily: [
      { date: '2026-11-24', ...sums(200, 0.01) },
      { date: '2026-11-23', ...sums(100) },
    ],
    totals: sums(300, 0.01),
    cacheStatus: { status: 'fresh', pendingFiles: 0 },
    ...more,
  });
const sessions = (more: object = {}) =>
  sessionsAnswer.parse({
    totals: sums(300),
    aggregates: {
      messages: { total: 4, user: 2 },
      byModel: [{ provider: 'fake', model: 'fake-1', count: 2, totals: sums(300) }],
      byAgent: [{ agentId: 'main', totals: sums(300) }],
    },
    ...more,
  });

test('usage figures › take totals and days from usage.cost, models and agents from sessions.usage', () => {
  const days = { from: '2026-11-23', to: '2026-11-24' };
  const usage = presentUsage({ cost: cost(), sessions: sessions() }, days);
  expect(openclawUsage.parse(usage)).toEqual({
    ...days,
    totals: { input: 300, output: 54, cacheRead: 3, cacheWrite: 0, tokens: 357, costUsd: 0.01, messages: 4 },
    byModel: [
      {
        provider: 'fake',
        model: 'fake-1',
        calls: 2,
        input: 300,
        output: 54,
        cacheRead: 3,
        cacheWrite: 0,
        tokens: 357,
        costUsd: 0,
      },
    ],
    byAgent: [
      { agentId: 'main', input: 300, output: 54, cacheRead: 3, cacheWrite: 0, tokens: 357, costUsd: 0 },
    ],
    byDay: [
      expect.objectContaining({ date: '2026-11-23', tokens: 157 }),
      expect.objectContaining({ date: '2026-11-24', tokens: 257, costUsd: 0.01 }),
    ],
    fresh: true,
  });
});

test('usage figures › are not fresh while either call still counts', () => {
  const refreshing = { cacheStatus: { status: 'refreshing', pendingFiles: 2 } };
  const days = { from: '2026-11-23', to: '2026-11-24' };
  expect(isFresh(cost())).toBe(true);
  expect(isFresh(sessions(refreshing))).toBe(false);
  expect(presentUsage({ cost: cost(), sessions: sessions(refreshing) }, days).fresh).toBe(false);
  expect(presentUsage({ cost: cost(refreshing), sessions: sessions() }, days).fresh).toBe(false);
});

test('usage figures › missing or invalid fields are left out without an error', () => {
  const answers = {
    cost: costAnswer.parse({ daily: 'none' }),
    sessions: sessionsAnswer.parse({ aggregates: { byModel: [{}], byAgent: null } }),
  };
  const usage = presentUsage(answers, { from: '2026-11-23', to: '2026-11-24' });
  expect(openclawUsage.parse(usage)).toMatchObject({
    totals: { tokens: 0, costUsd: 0, messages: null },
    byModel: [{ provider: null, model: null, calls: 0 }],
    byAgent: [],
    byDay: [],
    fresh: true,
  });
});
