// Finds for each event of an alert who is to be told of it where, and puts that into the outbox in the place of the event.
import type { UserTable } from '../db/schema.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import { newId } from '../lib/ids.ts';
import type { Logger } from '../lib/logger.ts';
import { createOneATurn } from '../lib/one-a-turn.ts';
import type { ChannelRow } from './channels.store.ts';
import type { HeldBackStore } from './held-back.store.ts';
import type { AlertEvent, OutboxStore, TakenEvent } from './outbox.store.ts';

/** Of one server, before it is the turn of the next one. */
const EVENTS_AT_ONCE = 25;
/** Deliveries of one server that wait for one channel: a hostile server must neither fill the database nor take the room of others. */
const MAX_WAITING = 100;
/** Milliseconds for which a problem that was just resolved must stay before it is told again, and what counts as just. */
const FLAPPING = { holdMs: 60_000, withinMs: 600_000 };

/**
 * @param parts.giveUpMs milliseconds after which a delivery that nobody took is given up
 * @returns takes all that is there; whatever cannot be prepared is logged, and stays there
 */
export function createEventTaker(parts: {
  outbox: OutboxStore;
  heldBack: HeldBackStore;
  recipientsOf: (serverId: string) => Promise<UserTable[]>;
  giveUpMs: number;
  clock: Clock;
  logger: Logger;
}): (signal: AbortSignal) => Promise<void> {
  const { outbox, heldBack, recipientsOf, giveUpMs, clock, logger } = parts;
  const myTurn = createOneATurn();
  const now = (afterMs = 0) => isoTime(clock.now() + afterMs);

  const channelsFor = async (serverId: string): Promise<ChannelRow[]> => {
    const userIds = (await recipientsOf(serverId)).map(({ id }) => id);
    return userIds.length === 0 ? [] : outbox.openChannels(userIds, { serverId, maxWaiting: MAX_WAITING });
  };

  const prepare = async (event: AlertEvent, channels: readonly ChannelRow[]): Promise<TakenEvent> => {
    const { alertId, serverId, kind, at, snoozedUntil } = event;
    const giveUpAt = now(giveUpMs);
    if (kind !== 'firing') return { event, times: { dueAt: now(), giveUpAt } };
    // What was resolved in maintenance was not told: nobody has heard of that alert yet.
    const isFlapping = event.held === 0 && (await outbox.wasResolvedSince(event, now(-FLAPPING.withinMs)));
    const holdUntil = isFlapping ? now(FLAPPING.holdMs) : now();
    // Snoozed before anybody was told of it, as in maintenance: the end of the snooze is an event that takes this one's place, unless somebody
    // ends the snooze before.
    const isSnoozed = snoozedUntil !== null && snoozedUntil > holdUntil;
    const snoozeEndMs = isSnoozed ? Date.parse(snoozedUntil) : 0;
    const times = isSnoozed
      ? { dueAt: isoTime(snoozeEndMs + FLAPPING.holdMs), giveUpAt: isoTime(snoozeEndMs + giveUpMs) }
      : { dueAt: holdUntil, giveUpAt };
    const deliveries = channels.map(({ id: channelId }) => ({
      ...{ id: newId('ntf'), channelId, serverId, alertId, kind, at, ...times },
      ...{ status: isFlapping || isSnoozed ? 'flapping' : 'waiting', message: null, rejections: 0 },
    }));
    return { event, deliveries };
  };

  /** False when the server has no more that can be taken. */
  const takeEventsOf = async (serverId: string): Promise<boolean> => {
    const events = await outbox.events(serverId, EVENTS_AT_ONCE);
    const channels = await channelsFor(serverId);
    const taken: TakenEvent[] = [];
    for (const event of events) taken.push(await prepare(event, channels));
    await outbox.take(taken);
    return events.length === EVENTS_AT_ONCE;
  };

  // Some of each server in turn: a hostile one makes two hundred alerts begin and end at once.
  return async (signal) => {
    for (const { serverId, from } of await heldBack.serversWithNews(now())) {
      await myTurn();
      try {
        await heldBack.hold(serverId, { from, until: now() });
      } catch (error) {
        // Nothing of it is told before the end of its maintenance; other servers go on meanwhile.
        logger.error({ serverId, err: error }, 'could not hold back notifications');
      }
    }
    let serverIds = await outbox.serversWithEvents(now());
    while (serverIds.length > 0) {
      const withMore: string[] = [];
      for (const serverId of serverIds) {
        await myTurn();
        if (signal.aborted) return;
        try {
          if (await takeEventsOf(serverId)) withMore.push(serverId);
        } catch (error) {
          // They stay where they are until the next look; other servers go on meanwhile.
          logger.error({ serverId, err: error }, 'could not prepare notifications');
        }
      }
      serverIds = withMore;
    }
  };
}
