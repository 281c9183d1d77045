// Remembers decisions about requests, so that a repeated decision has no effect and a different one is refused with the first.
import { z } from 'zod';
import { AppError } from '../../lib/app-error.ts';
import { type Clock, isoTime } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { SnapshotStore } from './snapshots.store.ts';

/** OpenClaw forgets a request soon after it is resolved; this many of a server and kind are kept. */
const MAX_KEPT = 100;

export type Decisions<D extends string, R> = {
  /**
   * Runs `decide` unless the same was decided before; one after the other for one request. The result of `decide` is stored.
   * @throws AppError `conflict` when it was decided otherwise
   */
  once(
    serverId: string,
    id: string,
    decision: D,
    decide: () => Promise<{ request: R; already: boolean; note: string | null }>,
  ): Promise<{ request: R; already: boolean; note: string | null }>;
  /** Without the requests that were decided here: an answer from before may still have them. */
  undecided<Request extends { id: string }>(
    serverId: string,
    requests: readonly Request[],
  ): Promise<Request[]>;
};

/** @param name of the kind, one word; it names the place in the store */
export function createDecisions<D extends string, R>({
  name,
  decision: decisionSchema,
  request: requestSchema,
  kept: keptPart,
  store,
  clock,
  logger,
}: {
  name: string;
  decision: z.ZodType<D>;
  request: z.ZodType<R>;
  /** The part of a request that may be stored. */
  kept(request: R): R;
  store: SnapshotStore;
  clock: Clock;
  logger: Logger;
}): Decisions<D, R> {
  const record = z.object({
    decided: z.array(
      z.object({ id: z.string(), decision: decisionSchema, request: requestSchema, at: z.string() }),
    ),
  });
  type Kept = z.output<typeof record>['decided'][number];
  const kind = `decisions/${name}`;
  const lastOf = new Map<string, Promise<unknown>>();

  async function decided(serverId: string): Promise<Kept[]> {
    return record.safeParse((await store.find(serverId, kind))?.payload).data?.decided ?? [];
  }

  /** One after the other under a name: each reads what the one before has written. */
  function inTurn<T>(turn: string, work: () => Promise<T>): Promise<T> {
    const before = lastOf.get(turn) ?? Promise.resolve();
    const mine = before.then(work, work);
    lastOf.set(turn, mine);
    const forget = () => {
      if (lastOf.get(turn) === mine) lastOf.delete(turn);
    };
    mine.then(forget, forget);
    return mine;
  }

  /** OpenClaw has already acted: a full disk must not turn that into a failure. */
  async function remember(serverId: string, one: Kept): Promise<void> {
    try {
      await inTurn(serverId, async () => {
        const now = [one, ...(await decided(serverId))].slice(0, MAX_KEPT);
        await store.put(serverId, kind, { decided: now }, one.at);
      });
    } catch (error) {
      logger.warn({ serverId, err: error }, 'could not store a decision');
    }
  }

  return {
    async undecided(serverId, requests) {
      if (requests.length === 0) return [];
      const ids = new Set((await decided(serverId)).map(({ id }) => id));
      return requests.filter(({ id }) => !ids.has(id));
    },

    once: (serverId, id, decision, decide) =>
      inTurn(`${serverId} ${id}`, async () => {
        const same = (await decided(serverId)).find((one) => one.id === id);
        if (same !== undefined && same.decision === decision)
          return { request: same.request, already: true, note: null };
        if (same !== undefined) throw decidedOtherwise(same.decision, same.at);
        const answer = await decide();
        await remember(serverId, {
          id,
          decision,
          request: keptPart(answer.request),
          at: isoTime(clock.now()),
        });
        return answer;
      }),
  };
}

/** @param at ISO 8601 UTC, when it is known */
export function decidedOtherwise(decision: string, at: string | null): AppError {
  return new AppError('conflict', `This request was already resolved with "${decision}".`, {
    hint: 'Nothing was changed.',
    details: { decision, resolvedAt: at },
  });
}
