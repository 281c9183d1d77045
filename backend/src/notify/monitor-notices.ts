// Tells super-admins when the monitor is stale and when it runs again: once in each of their channels, whichever Buoy notices it.
//
// Alerts cannot tell that, because the monitor makes them. The state is in the database: a Buoy that starts continues with it.
import type { NotificationPrefs } from '@buoy/contract';
import { type Clock, isoTime } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { isMonitorStale } from '../monitor/staleness.ts';
import { CLAIM_MS, GIVE_UP_MS, retryMs } from './attempts.ts';
import type { ChannelRow } from './channels.store.ts';
import type { DeliveryStore } from './deliveries.store.ts';
import { heldUntil } from './delivery.ts';
import type { DueChannel, MonitorNotice, MonitorNoticeStore } from './monitor-notices.store.ts';
import { languageOf, type SendToChannel } from './send-to-channel.ts';
import type { SendResult } from './sender.ts';

/** Milliseconds between two passes after which the machine was asleep, or Buoy was: what it missed says nothing about the monitor. */
const ASLEEP_MS = 60_000;
/** Channels that are sent to at the same time. */
const MAX_SENDING = 16;

/**
 * @param parts.intervalMs between the beginnings of two rounds of the monitor
 * @returns one pass: finds out whether the monitor is stale, and sends what is due. `ending`: nothing more is begun; `cancelling`: what is
 * being sent is cancelled
 */
export function createMonitorNotices(parts: {
  store: MonitorNoticeStore;
  deliveries: Pick<DeliveryStore, 'claim' | 'updateChannel' | 'block'>;
  prefsOf: (userId: string) => Promise<NotificationPrefs>;
  send: SendToChannel;
  intervalMs: number;
  clock: Clock;
  logger: Logger;
}): (signals: { ending: AbortSignal; cancelling: AbortSignal }) => Promise<void> {
  const { store, deliveries, prefsOf, send, intervalMs, clock, logger } = parts;
  const now = (afterMs = 0) => isoTime(clock.now() + afterMs);
  let runningSinceMs = clock.now();
  let lastPassMs = clock.now();

  const notice = async (): Promise<void> => {
    const round = await store.round();
    if (round === undefined) return;
    const { endedAt, staleSince } = round;
    const times = { now: now(), giveUpAt: now(GIVE_UP_MS) };
    if (staleSince === null) {
      if (!isMonitorStale(endedAt, { nowMs: clock.now(), runningSinceMs, intervalMs })) return;
      const since = endedAt ?? isoTime(runningSinceMs);
      if (await store.begin(endedAt, { since, at: now(), ...times }))
        logger.error({ since }, 'the monitor is stale: no round of checks has ended for too long');
    } else if (endedAt !== null && endedAt !== staleSince) {
      if (await store.end({ at: endedAt, ...times }))
        logger.info({ since: staleSince }, 'the monitor is no longer stale');
    }
  };

  const sendTo = async (channel: DueChannel, cancelling: AbortSignal): Promise<void> => {
    if (!(await deliveries.claim(channel.id, now(), now(CLAIM_MS)))) return;
    // Read anew: before the claim, another Buoy may have sent it.
    const due = await store.due(channel.id, now());
    const change = due === undefined ? {} : await attempt(due, channel, cancelling);
    await deliveries.updateChannel(channel.id, { ...change, busyUntil: null });
  };

  /** @returns what becomes known of the channel */
  const attempt = async (
    due: MonitorNotice,
    channel: DueChannel,
    cancelling: AbortSignal,
  ): Promise<Partial<ChannelRow>> => {
    const prefs = await prefsOf(channel.userId);
    const quietEndMs = heldUntil(prefs, { severity: 'critical' }, clock.now());
    if (quietEndMs !== null) {
      await store.hold(due.id, { dueAt: isoTime(quietEndMs), giveUpAt: isoTime(quietEndMs + GIVE_UP_MS) });
      return {};
    }
    const { id, kind, at, since } = due;
    const reader = { language: languageOf(channel.languageCode), timezone: prefs.quietHours.timezone };
    const result = await send(
      channel,
      { id, kind, at, since, alerts: [], message: null, ...reader },
      cancelling,
    ).catch((error: unknown): SendResult => {
      cancelling.throwIfAborted();
      logger.error({ channelId: channel.id, err: error }, 'could not send a notification');
      return { outcome: 'failed', error: 'Buoy could not send it; its log has the details.' };
    });
    return settle(due, channel, result);
  };

  const settle = async (
    due: MonitorNotice,
    channel: DueChannel,
    result: SendResult,
  ): Promise<Partial<ChannelRow>> => {
    if (result.outcome === 'sent' || result.outcome === 'skipped') {
      await store.sent(due);
      if (result.outcome === 'skipped') return {};
      return { state: 'ok', lastError: null, lastSentAt: now(), failures: 0, retryAt: null };
    }
    if (result.outcome === 'failed') {
      // Alerts do not wait behind it, so the channel itself does not.
      const attempts = due.attempts + 1;
      await store.hold(due.id, { attempts, dueAt: now(retryMs(attempts, result.afterMs)) });
      return { state: 'failing', lastError: result.error };
    }
    await store.drop(due.id);
    if (result.outcome === 'refused') return { lastError: result.error };
    logger.warn({ channelId: channel.id, error: result.error }, 'a notification channel is blocked');
    await deliveries.block(channel.id, result.error);
    return {};
  };

  return async ({ ending, cancelling }) => {
    if (clock.now() - lastPassMs > ASLEEP_MS) runningSinceMs = clock.now();
    try {
      await notice();
      await store.dropLate(now());
      const channels = await store.dueChannels(now());
      for (let start = 0; start < channels.length && !ending.aborted; start += MAX_SENDING)
        await Promise.all(
          channels.slice(start, start + MAX_SENDING).map(async (channel) => {
            await sendTo(channel, cancelling).catch((error: unknown) => {
              // Its claim keeps the next attempt away for a while.
              if (!cancelling.aborted)
                logger.error({ channelId: channel.id, err: error }, 'could not send notifications');
            });
          }),
        );
    } finally {
      lastPassMs = clock.now();
    }
  };
}
