// Tells people what happens to alerts: takes each event, finds who is to be told where, and sends it until it has arrived.
//
// All of it is in the database: a Buoy that starts goes on where another one, or a killed one, has stopped. A delivery that was under
// way at that moment is repeated under the same id.
import type { NotificationPrefs } from '@buoy/contract';
import type { UserTable } from '../db/schema.ts';
import type { TransactionHook } from '../db/transaction-hook.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import { createFairSlots } from '../lib/fair-slots.ts';
import type { Logger } from '../lib/logger.ts';
import { createOneATurn } from '../lib/one-a-turn.ts';
import { pause } from '../lib/pause.ts';
import { createSignal } from '../lib/signal.ts';
import { CLAIM_MS, GIVE_UP_MS, retryMs } from './attempts.ts';
import type { ChannelRow } from './channels.store.ts';
import { type DeliveryStore, type DueDelivery, MAX_REJECTIONS } from './deliveries.store.ts';
import type { HeldBackStore } from './held-back.store.ts';
import type { OutboxStore } from './outbox.store.ts';
import { currentRate, notificationOf, planDeliveries, type SendRate } from './plan-deliveries.ts';
import type { ReminderStore } from './reminders.store.ts';
import { languageOf, type SendToChannel } from './send-to-channel.ts';
import type { Notification, SendResult } from './sender.ts';
import { createEventTaker } from './take-events.ts';

/** Milliseconds between two looks into the database: another Buoy may have stored something. */
const POLL_MS = { min: 1_000, max: 5_000 };
const CHANNELS_AT_ONCE = 1_000;
const DELIVERIES_AT_ONCE = 200;
/** Channels that are sent to at the same time, shared out among people. */
const MAX_SENDING = 16;
/** Milliseconds after which roles and preferences are read again before more is sent. */
const PLAN_MS = 5_000;
/** Milliseconds that a Buoy that stops leaves to what it is sending. */
const DRAIN_MS = 5_000;

/** For the transaction that settles a maintenance window: forgets what is over, and keeps the rest to be told. */
export type HoldBack = (serverId: string, window: { startsAt: string; endsAt: string }) => TransactionHook;

export type Dispatcher = {
  start(): void;
  /** Something happened to an alert. */
  wake(): void;
  /** Ends when nothing is being sent; what is not sent by then waits in the database. */
  close(): Promise<void>;
};

export function createDispatcher(parts: {
  outbox: OutboxStore;
  deliveries: DeliveryStore;
  heldBack: HeldBackStore;
  reminders: ReminderStore;
  endSnoozes: (now: string) => Promise<number>;
  /** Deals with the maintenance windows that have ended: what is still open is told from then on. Answers whether more of them are left. */
  settleMaintenance: (holdBack: HoldBack) => Promise<boolean>;
  prefsOf: (userId: string) => Promise<NotificationPrefs>;
  /** Of several people at once. */
  prefsOfAll: (userIds: readonly string[]) => Promise<ReadonlyMap<string, NotificationPrefs>>;
  send: SendToChannel;
  /** Whether no other Buoy uses the database. */
  isAlone: boolean;
  /** Super-admins by configuration. */
  adminUserIds: ReadonlySet<string>;
  clock: Clock;
  logger: Logger;
}): Dispatcher {
  const { outbox, deliveries: store, heldBack, reminders, endSnoozes, prefsOf, send, clock, logger } = parts;
  const superAdminIds = [...parts.adminUserIds];
  const ending = new AbortController();
  const cancelling = new AbortController();
  const signal = createSignal(clock, ending.signal);
  const slots = createFairSlots({ limit: MAX_SENDING });
  const myTurn = createOneATurn();
  const sending = new Map<string, Promise<void>>();
  let working = Promise.resolve();
  const now = (afterMs = 0) => isoTime(clock.now() + afterMs);

  const recipientsOf = (serverId: string) => outbox.recipients(serverId, superAdminIds);

  const takeEvents = createEventTaker({
    ...{ outbox, heldBack, recipientsOf, prefsOfAll: parts.prefsOfAll, clock, logger },
    giveUpMs: GIVE_UP_MS,
  });

  /** What waits for servers in maintenance, a server at a time: a channel that fails may have much of it. */
  const putAsideAndResume = async (): Promise<void> => {
    for (const serverId of await heldBack.serversToResume(now())) {
      await myTurn();
      await heldBack.resume(serverId, { now: now(), giveUpAt: now(GIVE_UP_MS) });
    }
    for (const serverId of await heldBack.serversWithWaiting(now())) {
      await myTurn();
      await heldBack.putAside(serverId, now());
    }
  };

  const sendDue = async (): Promise<void> => {
    for (const channel of await store.dueChannels(now(), CHANNELS_AT_ONCE)) {
      if (sending.has(channel.id)) continue;
      const run = sendInTurn(channel)
        .finally(() => sending.delete(channel.id))
        .then(signal.notify, (error: unknown) => {
          // The loop is not woken: the claim of the channel keeps the next attempt away for a while.
          if (!ending.signal.aborted)
            logger.error({ channelId: channel.id, err: error }, 'could not send notifications');
        });
      sending.set(channel.id, run);
    }
  };

  const sendInTurn = async (channel: ChannelRow): Promise<void> => {
    const release = await slots.acquire(channel.userId, ending.signal);
    try {
      if (await store.claim(channel.id, now(), now(CLAIM_MS))) await sendTo(channel);
    } finally {
      release();
    }
  };

  /** What Buoy itself cannot do counts as a failed attempt: the channel waits, and others go on. */
  const sendSafely = async (channel: ChannelRow, notification: Notification): Promise<SendResult> => {
    try {
      return await send(channel, notification, cancelling.signal);
    } catch (error) {
      if (cancelling.signal.aborted) throw error;
      logger.error({ channelId: channel.id, err: error }, 'could not send a notification');
      return { outcome: 'failed', error: 'Buoy could not send it; its log has the details.' };
    }
  };

  /** Sends what is due in its order, until there is no more of it or an attempt fails. */
  const sendTo = async (channel: ChannelRow): Promise<void> => {
    const plannedAt = clock.now();
    await store.endFlapping(channel.id, now());
    await myTurn(channel.userId);
    const due = await store.due(channel.id, now(), DELIVERIES_AT_ONCE);
    const prefs = await prefsOf(channel.userId);
    const people = new Map<string, UserTable | null>();
    for (const { alert } of due)
      if (!people.has(alert.serverId)) {
        await myTurn(channel.userId);
        const recipients = await recipientsOf(alert.serverId);
        people.set(alert.serverId, recipients.find(({ id }) => id === channel.userId) ?? null);
      }
    const told = await store.told(channel.id, [...new Set(due.map(({ alert }) => alert.id))]);
    const rates = new Map<string, SendRate>();
    for (const { serverId, since, messages } of await store.rates(channel.id, [...people.keys()]))
      rates.set(serverId, { sinceMs: Date.parse(since), messages });
    const isRecipient = (serverId: string) => people.get(serverId) != null;
    const plan = planDeliveries(due, { channel, prefs, told, rates, isRecipient }, clock.now());
    await store.drop(channel.id, plan.dropped);
    for (const [dueAt, ids] of plan.held)
      await store.hold(ids, { dueAt: isoTime(dueAt), giveUpAt: isoTime(dueAt + GIVE_UP_MS) });
    const person = [...people.values()].find((one) => one !== null);
    const reader = {
      language: languageOf(person?.languageCode ?? null),
      timezone: prefs.quietHours.timezone,
    };
    const batches = [...plan.batches];
    let { failures } = channel;
    for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
      // Maintenance may have begun since the plan was made.
      const serverIds = [...new Set(batch.map(({ alert }) => alert.serverId))];
      if (await heldBack.isAnyHeld(serverIds, now())) break;
      await store.updateChannel(channel.id, { busyUntil: now(CLAIM_MS) });
      const notification = notificationOf(batch, { ...reader, told }, clock.now());
      const result =
        notification === null ? ({ outcome: 'skipped' } as const) : await sendSafely(channel, notification);
      // One alert that its receiver never takes must not keep those back that came with it.
      if (result.outcome === 'refused' && batch.length > 1) batches.unshift(...batch.map((one) => [one]));
      else if (!(await settle({ ...channel, failures }, batch, result, { told, rates }))) break;
      if (result.outcome === 'sent') failures = 0;
      if (ending.signal.aborted || clock.now() - plannedAt > PLAN_MS) break;
    }
    await store.updateChannel(channel.id, { busyUntil: null });
  };

  /** Stores what became of a batch. False when nothing more is to be sent now. */
  const settle = async (
    channel: ChannelRow,
    batch: readonly DueDelivery[],
    result: SendResult,
    { told, rates }: { told: Map<string, string | null>; rates: Map<string, SendRate> },
  ): Promise<boolean> => {
    const deliveries = batch.map(({ delivery }) => delivery);
    if (result.outcome === 'sent') {
      const message = batch.length === 1 ? (result.message ?? null) : null;
      for (const { kind, alertId } of deliveries)
        if (kind === 'firing' || (kind === 'reminder' && message !== null)) told.set(alertId, message);
      const sentAt = now();
      const well = { state: 'ok', lastError: null, lastSentAt: sentAt, failures: 0, retryAt: null };
      for (const serverId of new Set(deliveries.map((one) => one.serverId))) {
        const { sinceMs, messages } = currentRate(rates.get(serverId), clock.now());
        rates.set(serverId, { sinceMs, messages: messages + 1 });
      }
      await store.sent(channel.id, deliveries, {
        ...{ now: sentAt, message, channel: well },
        rates: [...rates].map(([serverId, { sinceMs, messages }]) => ({
          ...{ channelId: channel.id, serverId, since: isoTime(sinceMs), messages },
        })),
      });
      return true;
    }
    if (result.outcome === 'skipped' || result.outcome === 'refused') {
      await store.drop(channel.id, deliveries);
      if (result.outcome === 'refused') await store.updateChannel(channel.id, { lastError: result.error });
      return true;
    }
    if (result.outcome === 'blocked') {
      logger.warn({ channelId: channel.id, error: result.error }, 'a notification channel is blocked');
      await store.block(channel.id, result.error);
      return false;
    }
    const failing = { state: 'failing', lastError: result.error };
    const retryAt = (failures: number) => now(retryMs(failures, result.afterMs));
    const rejections = result.isRejection ? Math.min(...deliveries.map((one) => one.rejections)) + 1 : 0;
    // What a receiver keeps rejecting is tried by itself, so that others pass.
    const isApart = rejections > MAX_REJECTIONS;
    if (rejections > 0) await store.reject(deliveries, isApart ? retryAt(rejections) : null);
    const failures = channel.failures + 1;
    await store.updateChannel(
      channel.id,
      isApart ? failing : { ...failing, failures, retryAt: retryAt(failures) },
    );
    return isApart;
  };

  const waitMs = async (): Promise<number> => {
    const dueAt = await store.nextDueAt();
    if (dueAt === null) return POLL_MS.max;
    return Math.min(POLL_MS.max, Math.max(POLL_MS.min, Date.parse(dueAt) - clock.now()));
  };

  const work = async (): Promise<void> => {
    let mayHaveOldClaims = parts.isAlone;
    while (!ending.signal.aborted) {
      signal.reset();
      let nextMs: number = POLL_MS.max;
      try {
        if (mayHaveOldClaims) await store.endClaims();
        mayHaveOldClaims = false;
        await store.endSignedOut();
        await endSnoozes(now());
        const areMoreEnded = await parts.settleMaintenance((serverId, { startsAt, endsAt }) =>
          heldBack.holdBack(serverId, { from: startsAt, until: endsAt }),
        );
        await putAsideAndResume();
        const areMoreReminders = await reminders.takeDue(now());
        await takeEvents(ending.signal);
        await sendDue();
        nextMs = areMoreEnded || areMoreReminders ? POLL_MS.min : await waitMs();
      } catch (error) {
        if (!ending.signal.aborted) logger.error({ err: error }, 'could not prepare notifications');
      }
      await signal.wait(nextMs);
    }
  };

  return {
    start() {
      working = work();
    },
    wake: signal.notify,
    async close() {
      ending.abort(new Error('Buoy is stopping.'));
      await working;
      const drained = new AbortController();
      const all = Promise.all(sending.values()).finally(() => drained.abort());
      await pause(clock, DRAIN_MS, drained.signal);
      cancelling.abort(new Error('Buoy is stopping.'));
      await all;
    },
  };
}
