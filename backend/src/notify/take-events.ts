// Finds for each event of an alert who is to be told of it where, and puts that into the outbox in the place of the event.
import { alertSeverity, alertType, type NotificationPrefs } from '@buoy/contract';
import type { UserTable } from '../db/schema.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import { newId } from '../lib/ids.ts';
import type { Logger } from '../lib/logger.ts';
import { createOneATurn } from '../lib/one-a-turn.ts';
import { filterOf } from './channel.presenter.ts';
import type { ChannelRow } from './channels.store.ts';
import { wants } from './delivery.ts';
import type { HeldBackStore } from './held-back.store.ts';
import type { AlertEvent, OutboxStore, TakenEvent } from './outbox.store.ts';

/** Of one server, before it is the turn of the next one. */
const EVENTS_AT_ONCE = 25;
/** Deliveries of one server that wait for one channel: a hostile server must neither fill the database nor take the room of others. */
const MAX_WAITING = 100;
/** Milliseconds for which a problem that was just resolved must stay before it is told again, and what counts as just. */
const FLAPPING = { holdMs: 60_000, withinMs: 600_000 };
/** Milliseconds in which somebody may take care, before those are told who only take what others leave. */
const ESCALATION_MS = 30 * 60_000;

/** An open channel of somebody who is told of the server. */
type Receiver = { channel: ChannelRow; prefs: NotificationPrefs };

/**
 * Whether the alert reaches anybody who does not wait for others. A channel whose last attempt failed reaches nobody, and quiet hours only
 * put a message off.
 */
function reachesAtOnce({ type, severity }: AlertEvent, receivers: readonly Receiver[]): boolean {
  const alert = {
    type: alertType.catch('monitor_error').parse(type),
    severity: alertSeverity.catch('warning').parse(severity),
  };
  return receivers.some(
    ({ channel, prefs }) =>
      !prefs.escalationOnly &&
      channel.state === 'ok' &&
      wants(prefs, alert) &&
      wants(filterOf(channel), alert),
  );
}

/**
 * @param parts.giveUpMs milliseconds after which a delivery that nobody took is given up
 * @returns takes all that is there; whatever cannot be prepared is logged, and stays there
 */
export function createEventTaker(parts: {
  outbox: OutboxStore;
  heldBack: HeldBackStore;
  recipientsOf: (serverId: string) => Promise<UserTable[]>;
  prefsOfAll: (userIds: readonly string[]) => Promise<ReadonlyMap<string, NotificationPrefs>>;
  giveUpMs: number;
  clock: Clock;
  logger: Logger;
}): (signal: AbortSignal) => Promise<void> {
  const { outbox, heldBack, recipientsOf, prefsOfAll, giveUpMs, clock, logger } = parts;
  const myTurn = createOneATurn();
  const now = (afterMs = 0) => isoTime(clock.now() + afterMs);

  const receiversOf = async (serverId: string): Promise<Receiver[]> => {
    const userIds = (await recipientsOf(serverId)).map(({ id }) => id);
    if (userIds.length === 0) return [];
    const channels = await outbox.openChannels(userIds, { serverId, maxWaiting: MAX_WAITING });
    const prefs = await prefsOfAll([...new Set(channels.map(({ userId }) => userId))]);
    return channels.flatMap((channel) => {
      const ofPerson = prefs.get(channel.userId);
      return ofPerson === undefined ? [] : [{ channel, prefs: ofPerson }];
    });
  };

  const prepare = async (event: AlertEvent, receivers: readonly Receiver[]): Promise<TakenEvent> => {
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
    const isReached = reachesAtOnce(event, receivers);
    const deliveries = receivers.map(({ channel: { id: channelId }, prefs }) => {
      const base = {
        id: newId('ntf'),
        channelId,
        serverId,
        alertId,
        kind,
        at,
        message: null,
        rejections: 0,
        toldAt: null,
      };
      if (!prefs.escalationOnly || !isReached)
        return {
          ...{ ...base, ...times, escalatesAt: null },
          status: isFlapping || isSnoozed ? 'flapping' : 'waiting',
        };
      const escalatesMs = (isSnoozed ? snoozeEndMs : clock.now()) + ESCALATION_MS;
      const escalatesAt = isoTime(escalatesMs);
      return {
        ...{ ...base, status: 'flapping', escalatesAt, dueAt: escalatesAt },
        giveUpAt: isoTime(escalatesMs + giveUpMs),
      };
    });
    return { event, deliveries };
  };

  /** False when the server has no more that can be taken. */
  const takeEventsOf = async (serverId: string): Promise<boolean> => {
    const events = await outbox.events(serverId, EVENTS_AT_ONCE);
    const receivers = await receiversOf(serverId);
    const taken: TakenEvent[] = [];
    for (const event of events) taken.push(await prepare(event, receivers));
    await outbox.take(taken, now());
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
