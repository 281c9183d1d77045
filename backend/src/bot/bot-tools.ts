import type { User } from '@buoy/contract';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { ClientAs } from './client-as.ts';

/** What handlers of updates work with. */
export type BotTools = {
  /** Where people reach the app; null: Buoy does not know. */
  appUrl: string | null;
  clientAs: ClientAs;
  channels: { openPrivateChat(user: User): Promise<void>; blockPrivateChat(userId: string): Promise<void> };
  clock: Clock;
  logger: Logger;
  /** Aborts when Buoy stops. */
  signal: AbortSignal;
};
