// The usage of the agents of a server. OpenClaw counts on request, so the first answer may be incomplete.
import { setTimeout as pause } from 'node:timers/promises';
import { openclawUsage } from '@buoy/contract';
import { z } from 'zod';
import type { Clock } from '../../lib/clock.ts';
import type { GatewayCall, Reader } from '../reads/reader.ts';
import { type Days, daysOf } from './days.ts';
import { costAnswer, isFresh, presentUsage, sessionsAnswer } from './figures.ts';

/** Milliseconds that the gateway may take, and after which an incomplete count is answered as it is: measured 1 to 3 s. */
const SLOW_MS = 10_000;
const GIVE_UP_MS = 6_000;
/** Milliseconds between two questions. */
const ASK_INTERVAL_MS = 500;

export function createOpenclawUsage({ reader, clock }: { reader: Reader; clock: Clock }) {
  async function count(ask: GatewayCall, days: Days, signal: AbortSignal) {
    const giveUpAt = clock.now() + GIVE_UP_MS;
    const params = { startDate: days.from, endDate: days.to, mode: 'utc', agentScope: 'all' };
    for (;;) {
      // The sums are over all sessions; the sessions themselves are not needed.
      const sessions = await ask('sessions.usage', { ...params, limit: 1 }, sessionsAnswer);
      const mayWait = clock.now() < giveUpAt;
      if (isFresh(sessions) || !mayWait) {
        // Not asked before the sessions are counted: 2026.9.6 gives an incomplete sum again for half a minute.
        const cost = await ask('usage.cost', params, costAnswer);
        if (isFresh(cost) || !mayWait) return { usage: presentUsage({ cost, sessions }, days) };
      }
      await pause(ASK_INTERVAL_MS, undefined, { signal });
    }
  }

  return {
    /** Throws AppError `invalid_request` for invalid days. */
    async read(
      serverId: string,
      asked: { from?: string | undefined; to?: string | undefined },
      options: { signal: AbortSignal },
    ) {
      const days = daysOf(asked, clock.now());
      const isUsual = asked.from === undefined;
      return reader.read(
        serverId,
        {
          what: isUsual ? 'usage' : `usage/${days.from}/${days.to}`,
          schema: z.object({ usage: openclawUsage }),
          keep: isUsual ? 'database' : 'memory',
          slowMs: SLOW_MS,
          fromGateway: (ask) => count(ask, days, options.signal),
        },
        options,
      );
    },
  };
}
