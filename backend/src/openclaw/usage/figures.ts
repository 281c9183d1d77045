// Converts the gateway's sums of tokens and cost (usage.cost and sessions.usage of 2026.7.35 and 2026.9.6) to the contract.
import type { OpenclawUsage, UsageFigures } from '@buoy/contract';
import { z } from 'zod';
import { firstOf, nameText, wordText } from '../reads/bounded.ts';

/** Far more than anybody has used, and so little that a thousand of them add up to a number that JSON tells exactly. */
const MAX_FIGURE = 1e12;

const amount = z.number().nonnegative().max(MAX_FIGURE).catch(0);
/** Days of one answer, and models or agents: of more only the first are summed up one by one. */
const MAX_DAYS = 1_000;
const MAX_PARTS = 1_000;

const words = nameText.nullish().catch(null);
const sums = {
  input: amount,
  output: amount,
  cacheRead: amount,
  cacheWrite: amount,
  totalTokens: amount,
  totalCost: amount,
};
const totals = z
  .object(sums)
  .catch({ input: 0, output: 0, cacheRead: 0, cacheWrite: 0, totalTokens: 0, totalCost: 0 });
/** One object: of an intersection zod compares each unknown field with all others. */
const day = z.object({ date: z.iso.date(), ...sums });

/** Absent where nothing has to be counted. */
const cacheStatus = z.looseObject({ status: wordText }).nullish().catch(null);

export const costAnswer = z.looseObject({
  daily: firstOf(day, MAX_DAYS).catch([]),
  totals,
  cacheStatus,
});

export const sessionsAnswer = z.looseObject({
  aggregates: z.looseObject({
    messages: z.looseObject({ total: amount }).nullish().catch(null),
    byModel: firstOf(
      z.looseObject({ provider: words, model: words, count: amount, totals }),
      MAX_PARTS,
    ).catch([]),
    byAgent: firstOf(z.looseObject({ agentId: nameText, totals }), MAX_PARTS).catch([]),
  }),
  cacheStatus,
});

type UsageAnswers = {
  cost: z.output<typeof costAnswer>;
  sessions: z.output<typeof sessionsAnswer>;
};

/** OpenClaw counts in the background and reports that as "refreshing", "partial" or "stale". */
export function isFresh({ cacheStatus }: Pick<UsageAnswers[keyof UsageAnswers], 'cacheStatus'>): boolean {
  return (cacheStatus?.status ?? 'fresh') === 'fresh';
}

/** Totals and days come from `usage.cost`, as OpenClaw's command shows them. */
export function presentUsage(answers: UsageAnswers, days: { from: string; to: string }): OpenclawUsage {
  const { cost, sessions } = answers;
  const { messages, byModel, byAgent } = sessions.aggregates;
  return {
    ...days,
    totals: { ...figures(cost.totals), messages: messages == null ? null : Math.round(messages.total) },
    byModel: byModel.map(({ provider, model, count, totals }) => ({
      provider: provider ?? null,
      model: model ?? null,
      calls: Math.round(count),
      ...figures(totals),
    })),
    byAgent: byAgent.map(({ agentId, totals }) => ({ agentId, ...figures(totals) })),
    byDay: cost.daily
      .map((day) => ({ date: day.date, ...figures(day) }))
      .sort((one, other) => one.date.localeCompare(other.date)),
    fresh: isFresh(cost) && isFresh(sessions),
  };
}

function figures(sums: z.output<typeof totals>): UsageFigures {
  return {
    input: Math.round(sums.input),
    output: Math.round(sums.output),
    cacheRead: Math.round(sums.cacheRead),
    cacheWrite: Math.round(sums.cacheWrite),
    tokens: Math.round(sums.totalTokens),
    costUsd: sums.totalCost,
  };
}
