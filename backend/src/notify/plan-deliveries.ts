// What becomes of the deliveries that are due for a channel: which are sent now and together, which wait, which are not sent at all.
import type { NotificationPrefs } from '@buoy/contract';
import { presentAlert } from '../alerts/alert.presenter.ts';
import { presentChannel } from './channel.presenter.ts';
import type { ChannelRow } from './channels.store.ts';
import { type DeliveryRow, type DueDelivery, MAX_REJECTIONS } from './deliveries.store.ts';
import { heldUntil, wants } from './delivery.ts';
import type { Notification } from './sender.ts';

/** More than so many at once come as one message. */
const MAX_SINGLE = 5;
/** Messages about one server to one channel within a time: what comes beyond waits for its end, and comes together. */
const MAX_MESSAGES = { max: 60, withinMs: 600_000 };

/** Messages about a server that a channel was sent since then, milliseconds since the epoch. */
export type SendRate = { sinceMs: number; messages: number };

export type DeliveryPlan = {
  dropped: DeliveryRow[];
  /** By the end of the quiet hours, or of the time for which a server is limited, milliseconds since the epoch: the ids of those that wait for it. */
  held: Map<number, string[]>;
  /** In their order; each is one message. */
  batches: DueDelivery[][];
};

/**
 * @param due in the order in which it happened
 * @param about.told alerts that the channel has been told of
 * @param about.rates by server
 * @param about.isRecipient whether its person is told of that server now: the role may have gone since
 */
export function planDeliveries(
  due: readonly DueDelivery[],
  about: {
    channel: ChannelRow;
    prefs: NotificationPrefs;
    told: ReadonlyMap<string, unknown>;
    rates: ReadonlyMap<string, SendRate>;
    isRecipient: (serverId: string) => boolean;
  },
  nowMs: number,
): DeliveryPlan {
  const { prefs } = about;
  const channel = presentChannel(about.channel);
  const isTold = new Set(about.told.keys());
  const plan: DeliveryPlan = { dropped: [], held: new Map(), batches: [] };
  const summary: DueDelivery[] = [];
  const single: DueDelivery[] = [];
  const apart: DueDelivery[] = [];
  const planned = new Map<string, number>();
  for (const one of due) {
    const { delivery } = one;
    const alert = presentAlert(one.alert, null, nowMs);
    const isNew = delivery.kind === 'firing';
    const isReminder = delivery.kind === 'reminder';
    // By now somebody may have taken care.
    const isOpen = alert.status === 'firing' || !(isReminder || delivery.escalatesAt !== null);
    const isChosen = !isReminder || prefs.reminders;
    const isAllowed = !(isNew || isReminder) || (wants(prefs, alert) && wants(channel, alert));
    const isWanted = isOpen && isChosen && isAllowed && (isNew || isTold.has(alert.id));
    const isLate = Date.parse(delivery.giveUpAt) <= nowMs;
    if (!channel.enabled || !isWanted || isLate || !about.isRecipient(alert.serverId)) {
      plan.dropped.push(delivery);
      continue;
    }
    if (isNew) isTold.add(alert.id);
    // What people did about an alert changes a message that is there, and wakes nobody.
    const isNews = isNew || isReminder || delivery.kind === 'resolved';
    const rate = currentRate(about.rates.get(alert.serverId), nowMs);
    const messages = rate.messages + (planned.get(alert.serverId) ?? 0);
    const rateEnd = messages < MAX_MESSAGES.max ? null : rate.sinceMs + MAX_MESSAGES.withinMs;
    const quietEnd = isNews ? heldUntil(prefs, alert, nowMs) : null;
    const end = Math.max(quietEnd ?? 0, rateEnd ?? 0);
    if (end > 0 && !isNews) plan.dropped.push(delivery);
    else if (end > 0) plan.held.set(end, [...(plan.held.get(end) ?? []), delivery.id]);
    else if (delivery.rejections >= MAX_REJECTIONS) apart.push(one);
    else if (delivery.status === 'held') summary.push(one);
    else {
      single.push(one);
      planned.set(alert.serverId, (planned.get(alert.serverId) ?? 0) + 1);
    }
  }
  const areMany = single.length > MAX_SINGLE;
  const together = areMany ? [...summary, ...single] : summary;
  if (together.length > 0) plan.batches.push(together);
  if (!areMany) plan.batches.push(...single.map((one) => [one]));
  plan.batches.push(...apart.map((one) => [one]));
  return plan;
}

/** Of the time that runs now, which begins with the first message after the last one. */
export function currentRate(rate: SendRate | undefined, nowMs: number): SendRate {
  return rate === undefined || rate.sinceMs + MAX_MESSAGES.withinMs <= nowMs
    ? { sinceMs: nowMs, messages: 0 }
    : rate;
}

/**
 * @param reader.told what the channel kept of its message about each alert that it was told of
 * @returns null when the channel has not been told of the alert: then it is not told what became of it either
 */
export function notificationOf(
  batch: readonly DueDelivery[],
  reader: Pick<Notification, 'language' | 'timezone'> & { told: ReadonlyMap<string, string | null> },
  nowMs: number,
): Notification | null {
  const [first] = batch;
  if (first === undefined) return null;
  const { language, timezone, told } = reader;
  const { delivery } = first;
  const isSummary = batch.length > 1 || delivery.status === 'held';
  if (!isSummary && delivery.kind !== 'firing' && !told.has(delivery.alertId)) return null;
  const alerts = new Map(
    batch.map(({ alert, serverName }) => [
      alert.id,
      {
        alert: presentAlert(alert, null, nowMs),
        server: { id: alert.serverId, name: serverName },
      },
    ]),
  );
  return {
    ...{ id: delivery.id, at: delivery.at, language, timezone },
    kind: isSummary ? 'summary' : (delivery.kind as Notification['kind']),
    alerts: [...alerts.values()],
    message: told.get(delivery.alertId) ?? null,
    isReminder: batch.every((one) => one.delivery.kind === 'reminder'),
  };
}
