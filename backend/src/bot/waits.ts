// Waits for what was begun for a person, such as the answer of an agent: it takes minutes, in which they and others go on writing to the bot.
import type { Logger } from '../lib/logger.ts';
import { errorFields } from './error-fields.ts';

/** Of one person: each asks the API every few seconds, and a person has 120 calls a minute, unless told otherwise, for all that they write. */
const MAX_OF_PERSON = 4;

export type Waits = {
  /** False when that person waits for as much as one may: `work` is not begun. */
  begin(userId: string, work: () => Promise<void>): boolean;
};

/** @param signal aborts when Buoy stops, and ends all work */
export function createWaits({ logger, signal }: { logger: Logger; signal: AbortSignal }) {
  const counts = new Map<string, number>();
  const underWay = new Set<Promise<void>>();

  const run = async (userId: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (!signal.aborted) logger.warn(errorFields(error), 'the bot could not tell how something ended');
    } finally {
      const left = (counts.get(userId) ?? 1) - 1;
      if (left === 0) counts.delete(userId);
      else counts.set(userId, left);
    }
  };

  return {
    begin(userId: string, work: () => Promise<void>): boolean {
      const before = counts.get(userId) ?? 0;
      if (before >= MAX_OF_PERSON) return false;
      counts.set(userId, before + 1);
      const one = run(userId, work).finally(() => underWay.delete(one));
      underWay.add(one);
      return true;
    },
    /** Resolves when none is under way. */
    ended: async (): Promise<void> => void (await Promise.all(underWay)),
  };
}
