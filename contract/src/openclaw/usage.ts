// What the agents used: tokens, money, by model, agent and day.
import { z } from 'zod';
import type { Endpoints } from '../endpoint.ts';
import { idParams } from '../scalars.ts';
import { count, readOf } from './read.ts';

const figures = z.object({
  input: count,
  output: count,
  cacheRead: count,
  cacheWrite: count,
  /** All four together. */
  tokens: count,
  /** By the prices in OpenClaw's config; 0 where a model has none. */
  costUsd: z.number().nonnegative(),
});
export type UsageFigures = z.output<typeof figures>;

export const openclawUsage = z
  .object({
    /** Days in UTC, both counted. */
    from: z.iso.date(),
    to: z.iso.date(),
    totals: z.object({ ...figures.shape, messages: count.nullable() }),
    byModel: z.array(
      z.object({
        provider: z.string().nullable(),
        model: z.string().nullable(),
        calls: count,
        ...figures.shape,
      }),
    ),
    byAgent: z.array(z.object({ agentId: z.string(), ...figures.shape })),
    /** Oldest first. */
    byDay: z.array(z.object({ date: z.iso.date(), ...figures.shape })),
    /** false: OpenClaw was still counting; ask again in some seconds. */
    fresh: z.boolean(),
  })
  .meta({ id: 'OpenclawUsage' });
export type OpenclawUsage = z.output<typeof openclawUsage>;

export const openclawUsageEndpoints = {
  'GET /servers/:id/openclaw/usage': {
    summary: 'Tokens and cost of all agents; the last 30 days unless asked otherwise',
    params: idParams,
    query: z.strictObject({
      /** Both or none; at most 366 days. */
      from: z.iso.date().optional(),
      to: z.iso.date().optional(),
    }),
    status: 200,
    response: readOf({ usage: openclawUsage }),
  },
} as const satisfies Endpoints;
