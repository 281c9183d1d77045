import type { User } from '@buoy/contract';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { ClientAs } from './client-as.ts';
import type { Update } from './read-updates.ts';
import type { Waits } from './waits.ts';

/** What handlers of updates work with. */
export type BotTools = {
  /** Where people reach the app; null: Buoy does not know. */
  appUrl: string | null;
  clientAs: ClientAs;
  channels: { openPrivateChat(user: User): Promise<void>; blockPrivateChat(userId: string): Promise<void> };
  waits: Waits;
  /** Whether Telegram may have kept it while no Buoy read: it may be a day old. */
  mayBeOld(update: Update): boolean;
  clock: Clock;
  logger: Logger;
  /** Aborts when Buoy stops. */
  signal: AbortSignal;
};
