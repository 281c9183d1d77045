// Reads what people send to the bot, by long polling: https://core.telegram.org/bots/api#getupdates
import { type Api, GrammyError } from 'grammy/web';
import { type Clock, isoTime } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { pause } from '../lib/pause.ts';
import { apiSignal } from '../telegram/api-signal.ts';
import { errorFields } from './error-fields.ts';
import type { PositionStore } from './positions.store.ts';

export type Update = Awaited<ReturnType<Api['getUpdates']>>[number];

/** Updates of one poll; 100 are Telegram's limit. */
const MAX_UPDATES = 100;
/** Seconds for which Telegram holds a poll, and milliseconds after which it is given up. */
const POLL_S = 30;
const GIVE_UP_MS = 45_000;
/** Milliseconds from a failure to the next attempt, doubling with each. */
const RETRY_MS = { first: 1_000, last: 60_000 };
/** Milliseconds: ids begin anew at random where nobody has written to the bot for a week, so an older position may hide new ones. */
const POSITION_MS = 6 * 86_400_000;
const KINDS = ['message', 'callback_query', 'my_chat_member'] as const;

/**
 * Hands each update over once, also where Buoy is killed: the ids are stored before that, since a press that is lost can be repeated, and one
 * that counts twice restarts a gateway twice. Ends when `signal` aborts.
 */
export async function readUpdates(parts: {
  botId: string;
  api: Pick<Api, 'getUpdates' | 'deleteWebhook'>;
  store: PositionStore;
  /** Called before the first poll, again where it fails. */
  onReady: () => Promise<void>;
  /** @param sentAfterMs since when Telegram may have kept it, in milliseconds since the epoch; 0: it may be as old as Telegram keeps any */
  handle: (update: Update, sentAfterMs: number) => void;
  clock: Clock;
  logger: Logger;
  signal: AbortSignal;
}): Promise<void> {
  const { botId, api, store, onReady, handle, clock, logger, signal } = parts;
  /** When the last poll began that left nothing behind at Telegram. */
  let emptiedAtMs = 0;
  let failures = 0;
  let isReady = false;

  const poll = async (): Promise<void> => {
    const late = new AbortController();
    const stopTimer = clock.after(GIVE_UP_MS, () => late.abort());
    const either = apiSignal(AbortSignal.any([signal, late.signal]));
    try {
      if (!isReady) {
        await onReady();
        // Telegram refuses polls while another program has set a webhook for this bot.
        await api.deleteWebhook(undefined, either);
        isReady = true;
      }
      const startedAtMs = clock.now();
      const since = isoTime(startedAtMs - POSITION_MS);
      const last = await store.last(botId, since);
      // At once where something may have waited: what comes while a poll is held is new.
      const isKnownEmpty = emptiedAtMs > 0 && failures === 0;
      const updates = await api.getUpdates(
        {
          ...{ offset: last === null ? 0 : last + 1, limit: MAX_UPDATES },
          ...{ timeout: isKnownEmpty ? POLL_S : 0, allowed_updates: KINDS },
        },
        either,
      );
      // What is not stored comes again, to the Buoy that has the lease then.
      signal.throwIfAborted();
      const newest = updates.at(-1)?.update_id;
      const isOurs =
        newest !== undefined && (await store.advance(botId, newest, { at: isoTime(clock.now()), since }));
      const sentAfterMs = emptiedAtMs;
      if (updates.length < MAX_UPDATES) emptiedAtMs = startedAtMs;
      if (isOurs) for (const update of updates) handle(update, sentAfterMs);
    } finally {
      stopTimer();
    }
  };

  while (!signal.aborted) {
    try {
      await poll();
      if (failures > 0) logger.info('the bot reads messages again');
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      // Once, until it works again: a Buoy without internet must not fill its log.
      if (failures === 1) logger.warn(errorFields(error), 'the bot cannot read messages');
      const askedMs = error instanceof GrammyError ? (error.parameters.retry_after ?? 0) * 1_000 : 0;
      const backOffMs = Math.min(RETRY_MS.last, RETRY_MS.first * 2 ** (failures - 1));
      await pause(clock, Math.max(askedMs, backOffMs), signal);
    }
  }
}
