// What becomes of due deliveries, over preferences, quiet hours, time zones and both clock changes of the year.
import { type AlertStatus, alertStatuses, alertTypes, type NotificationPrefs } from '@buoy/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DueDelivery } from './deliveries.store.ts';
import { delivers, heldUntil, wants } from './delivery.ts';
import { notificationOf, planDeliveries } from './plan-deliveries.ts';
import { nextReminderMs } from './reminders.ts';
import { alertRow, channelRow } from './testing/notifications.ts';

const HOUR_MS = 3_600_000;
/** When clocks change in Berlin, St. John's and on Lord Howe Island in 2026. */
const changes = [
  ...['2026-03-29T01:00Z', '2026-10-25T01:00Z', '2026-03-08T05:30Z', '2026-11-01T04:30Z'],
  ...['2026-04-04T15:00Z', '2026-10-03T15:30Z'],
].map((time) => Date.parse(time));
const zones = ['UTC', 'Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', 'Asia/Kathmandu'];

const moment = fc.oneof(
  fc.integer({ min: Date.parse('2026-01-01'), max: Date.parse('2026-12-31') }),
  fc
    .tuple(fc.constantFrom(...changes), fc.integer({ min: -30 * HOUR_MS, max: 4 * HOUR_MS }))
    .map(([at, by]) => at + by),
);
const timeOfDay = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
  .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'));
const severity = fc.constantFrom('critical' as const, 'warning' as const);
const type = fc.constantFrom(...alertTypes);
const prefs: fc.Arbitrary<NotificationPrefs> = fc.record({
  mutedTypes: fc.subarray([...alertTypes]),
  quietHours: fc.record({
    ...{ enabled: fc.boolean(), start: timeOfDay, end: timeOfDay },
    timezone: fc.constantFrom(...zones),
  }),
  criticalBreaksQuiet: fc.boolean(),
  minSeverity: severity,
  reminders: fc.boolean(),
  escalationOnly: fc.boolean(),
});
const delivery = fc.record({
  type,
  severity,
  kind: fc.constantFrom('firing', 'reminder', 'acknowledged', 'snoozed', 'resolved'),
  status: fc.constantFrom('waiting', 'held'),
  alertStatus: fc.constantFrom(...alertStatuses),
  escalates: fc.boolean(),
  wasTold: fc.boolean(),
  isLate: fc.boolean(),
  isRecipient: fc.boolean(),
});
const channel = fc.record({
  minSeverity: severity,
  mutedTypes: fc.subarray([...alertTypes]),
  enabled: fc.boolean(),
});

/** What makes an alert have that status at that moment. */
const columnsOf = (status: AlertStatus, nowMs: number) => {
  const now = new Date(nowMs).toISOString();
  return {
    acknowledgedAt: status === 'acknowledged' ? now : null,
    snoozedUntil: status === 'snoozed' ? new Date(nowMs + HOUR_MS).toISOString() : null,
    resolvedAt: status === 'resolved' ? now : null,
  };
};

describe('planDeliveries', () => {
  test('gives each delivery one fate, the one that preferences, channel, role and rate ask for', () => {
    fc.assert(
      fc.property(
        prefs,
        channel,
        fc.array(delivery, { maxLength: 12 }),
        moment,
        fc.boolean(),
        (person, ofChannel, all, nowMs, isLimited) => {
          const due = all.map(
            (one, index): DueDelivery => ({
              delivery: {
                ...{
                  id: `ntf_${index}`,
                  channelId: 'nch_ada',
                  serverId: 'srv_1',
                  alertId: `alr_${index}`,
                  kind: one.kind,
                },
                ...{
                  at: new Date(nowMs).toISOString(),
                  status: one.status,
                  dueAt: '',
                  message: null,
                  rejections: 0,
                  toldAt: null,
                  escalatesAt: one.kind === 'firing' && one.escalates ? new Date(nowMs).toISOString() : null,
                },
                giveUpAt: new Date(nowMs + (one.isLate ? 0 : HOUR_MS)).toISOString(),
              },
              alert: alertRow({
                ...{ id: `alr_${index}`, type: one.type, severity: one.severity },
                ...columnsOf(one.alertStatus, nowMs),
                serverId: one.isRecipient ? 'srv_1' : 'srv_2',
              }),
              serverName: 'web',
            }),
          );
          const told = new Map(
            all.flatMap((one, index) => (one.wasTold ? [[`alr_${index}`, null] as const] : [])),
          );
          const plan = planDeliveries(
            due,
            {
              channel: channelRow('ada', {
                ...{ minSeverity: ofChannel.minSeverity, enabled: Number(ofChannel.enabled) },
                mutedTypes: JSON.stringify(ofChannel.mutedTypes),
              }),
              ...{ prefs: person, told, isRecipient: (id) => id === 'srv_1' },
              rates: new Map([['srv_1', { sinceMs: nowMs - HOUR_MS / 60, messages: isLimited ? 60 : 48 }]]),
            },
            nowMs,
          );
          const fates = new Map<string, string[]>();
          const add = (id: string, fate: string) => fates.set(id, [...(fates.get(id) ?? []), fate]);
          for (const { id } of plan.dropped) add(id, 'dropped');
          for (const [until, ids] of plan.held)
            for (const id of ids) add(id, until > nowMs ? 'held' : 'wrong');
          for (const batch of plan.batches) for (const one of batch) add(one.delivery.id, 'sent');
          all.forEach((one, index) => {
            const isReminder = one.kind === 'reminder';
            const passes = wants(person, one) && wants(ofChannel, one);
            const isOpen = one.alertStatus === 'firing';
            const isWanted =
              one.kind === 'firing'
                ? passes && (isOpen || !one.escalates)
                : one.wasTold && (!isReminder || (passes && isOpen && person.reminders));
            const isNews = one.kind === 'firing' || one.kind === 'resolved' || isReminder;
            const muted = { ...person, mutedTypes: [], minSeverity: 'warning' as const };
            const mayNow = !isNews || delivers(muted, one, nowMs);
            const isSent = isWanted && !one.isLate && one.isRecipient && ofChannel.enabled;
            const ifLimited = isNews ? 'held' : 'dropped';
            const fate = isLimited ? ifLimited : mayNow ? 'sent' : 'held';
            expect(fates.get(`ntf_${index}`)).toEqual([isSent ? fate : 'dropped']);
          });
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('planDeliveries in a night in which clocks change', () => {
  const dueOf = (
    kind: 'reminder' | 'firing',
    ofSeverity: 'critical' | 'warning',
    nowMs: number,
  ): DueDelivery => {
    const now = new Date(nowMs).toISOString();
    return {
      delivery: {
        ...{ id: 'ntf_1', channelId: 'nch_ada', serverId: 'srv_1', alertId: 'alr_1', kind, at: now },
        ...{ status: 'waiting', dueAt: now, giveUpAt: new Date(nowMs + HOUR_MS).toISOString() },
        ...{ message: null, rejections: 0, toldAt: null, escalatesAt: kind === 'firing' ? now : null },
      },
      alert: alertRow({ severity: ofSeverity, type: 'channel_down' }),
      serverName: 'web',
    };
  };
  /** What becomes of it: sent, dropped, or until when it is held. */
  const fateOf = (
    one: DueDelivery,
    person: NotificationPrefs,
    nowMs: number,
  ): 'sent' | 'dropped' | number => {
    const plan = planDeliveries(
      [one],
      {
        ...{ channel: channelRow('ada'), prefs: person, rates: new Map(), isRecipient: () => true },
        told: new Map(one.delivery.kind === 'reminder' ? [['alr_1', null]] : []),
      },
      nowMs,
    );
    if (plan.batches.length > 0) return 'sent';
    return plan.held.keys().next().value ?? 'dropped';
  };
  const nearChange = fc
    .tuple(fc.constantFrom(...changes), fc.integer({ min: -30 * HOUR_MS, max: 4 * HOUR_MS }))
    .map(([at, by]) => at + by);

  test('sends reminders and escalations at their time, or at the end of the quiet hours of the local time', () => {
    fc.assert(
      fc.property(prefs, severity, nearChange, (person, ofSeverity, toldMs) => {
        const alert = { type: 'channel_down', severity: ofSeverity } as const;
        const expected = (isChosen: boolean, nowMs: number) =>
          isChosen && wants(person, alert) ? (heldUntil(person, alert, nowMs) ?? 'sent') : 'dropped';
        const check = (kind: 'reminder' | 'firing', isChosen: boolean, nowMs: number) => {
          const fate = fateOf(dueOf(kind, ofSeverity, nowMs), person, nowMs);
          expect(fate).toBe(expected(isChosen, nowMs));
          if (typeof fate !== 'number') return;
          // The next look is the first one at which it may be sent.
          expect(fate).toBeGreaterThan(nowMs);
          expect(person.quietHours.start === person.quietHours.end || delivers(person, alert, fate)).toBe(
            true,
          );
          expect(delivers(person, alert, fate - 1)).toBe(false);
        };
        // Elapsed time decides when one is due: a night that is an hour longer or shorter moves none.
        const hours = ofSeverity === 'critical' ? [1, 4, 16, 28] : [24, 48, 72];
        let nowMs = toldMs;
        for (const hour of hours) {
          nowMs = nextReminderMs(ofSeverity, toldMs, nowMs);
          expect(nowMs - toldMs).toBe(hour * HOUR_MS);
          check('reminder', person.reminders, nowMs);
        }
        check('firing', true, toldMs + HOUR_MS / 2);
      }),
      { numRuns: 500 },
    );
  });
});

describe('notificationOf', () => {
  const due = (kind: string, status = 'waiting', id = 'alr_1'): DueDelivery => ({
    delivery: {
      ...{
        id: `ntf_${kind}`,
        channelId: 'nch_ada',
        serverId: 'srv_1',
        alertId: id,
        kind,
        at: '2026-03-01T10:00:00.000Z',
      },
      ...{ status, dueAt: '', giveUpAt: '', message: null, rejections: 0, escalatesAt: null, toldAt: null },
    },
    alert: alertRow({ id }),
    serverName: 'web',
  });
  const reader = (...told: string[]) => ({
    ...{ language: 'en' as const, timezone: 'UTC' },
    told: new Map(told.map((id) => [id, 'kept'])),
  });

  test('is nothing for the end of an alert that the channel was not told of', () => {
    expect(notificationOf([due('resolved')], reader(), 0)).toBeNull();
    expect(notificationOf([due('resolved')], reader('alr_1'), 0)).toMatchObject({
      ...{ kind: 'resolved', message: 'kept' },
    });
  });

  test('is a summary for what quiet hours held back, even for one alert, and names each alert once', () => {
    expect(notificationOf([due('firing', 'held')], reader(), 0)).toMatchObject({ kind: 'summary' });
    const both = notificationOf([due('firing', 'held'), due('resolved', 'held')], reader(), 0);
    expect(both?.alerts).toHaveLength(1);
  });
});
