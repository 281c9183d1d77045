// Notification settings of a person: muted types, minimum severity, quiet hours, reminders and escalation.
import {
  alertType,
  type Contract,
  type NotificationPrefs,
  notificationPrefs,
  type ParsedRequestOf,
  quietHours,
  type ResponseOf,
} from '@buoy/contract';
import { z } from 'zod';
import type { AuditRecorder } from '../audit/audit-recorder.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import { delivers, quietUntil } from './delivery.ts';
import { NOTHING_CHOSEN, type PrefsStore } from './prefs.store.ts';

type Change = ParsedRequestOf<Contract['PUT /me/notification-prefs']>['body'];
type Answer = ResponseOf<Contract['GET /me/notification-prefs']>;

/**
 * By default, everything is sent at any time. The zone is UTC because the person's location is unknown: the
 * zone of Buoy's machine would be a guess.
 */
const defaults: NotificationPrefs = {
  mutedTypes: [],
  quietHours: { enabled: false, start: '22:00', end: '07:00', timezone: 'UTC' },
  criticalBreaksQuiet: false,
  minSeverity: 'warning',
  reminders: true,
  escalationOnly: false,
};

/**
 * A newer version may have stored fields unknown to this one. An unreadable field falls back to its default; quiet hours as a whole,
 * because one message too many is better than silence at the wrong hours.
 */
const storedPrefs = z
  .object({
    mutedTypes: z
      .array(z.unknown())
      .transform((types) => types.flatMap((type) => alertType.safeParse(type).data ?? []))
      .catch(defaults.mutedTypes),
    quietHours: z.object(quietHours.shape).catch(defaults.quietHours),
    criticalBreaksQuiet: notificationPrefs.shape.criticalBreaksQuiet.catch(defaults.criticalBreaksQuiet),
    minSeverity: notificationPrefs.shape.minSeverity.catch(defaults.minSeverity),
    reminders: notificationPrefs.shape.reminders.catch(defaults.reminders),
    escalationOnly: notificationPrefs.shape.escalationOnly.catch(defaults.escalationOnly),
  })
  .catch(defaults);

export type PrefsByUser = ReturnType<typeof createNotificationPrefs>;

export function createNotificationPrefs({ store, clock }: { store: PrefsStore; clock: Clock }) {
  const answer = (text: string): Answer => {
    const prefs = parsed(text);
    return { notificationPrefs: prefs, now: effect(prefs, clock.now()) };
  };

  return {
    /** A person's settings, or the defaults, and their effect at this moment. */
    async read(userId: string): Promise<Answer> {
      return answer(await store.find(userId));
    },

    /** The settings of each of these people, or the defaults. */
    async ofAll(userIds: readonly string[]): Promise<ReadonlyMap<string, NotificationPrefs>> {
      const stored = await store.findAll(userIds);
      return new Map(userIds.map((id) => [id, parsed(stored.get(id) ?? NOTHING_CHOSEN)]));
    },

    /** Changes what `change` names, of quiet hours too; the rest stays. */
    async change(userId: string, change: Change, audit?: AuditRecorder): Promise<Answer> {
      const merge = (text: string) => JSON.stringify(changed(parsed(text), change));
      return answer(
        await store.change(
          userId,
          isoTime(clock.now()),
          merge,
          audit?.change({ target: userId }),
          audit?.routine({ target: userId }),
        ),
      );
    },
  };
}

function parsed(text: string): NotificationPrefs {
  let stored: unknown;
  try {
    stored = JSON.parse(text);
  } catch {
    stored = null;
  }
  return storedPrefs.parse(stored);
}

function changed(prefs: NotificationPrefs, change: Change): NotificationPrefs {
  const hours = change.quietHours ?? {};
  return {
    mutedTypes: [...new Set(change.mutedTypes ?? prefs.mutedTypes)],
    quietHours: {
      enabled: hours.enabled ?? prefs.quietHours.enabled,
      start: hours.start ?? prefs.quietHours.start,
      end: hours.end ?? prefs.quietHours.end,
      timezone: hours.timezone ?? prefs.quietHours.timezone,
    },
    criticalBreaksQuiet: change.criticalBreaksQuiet ?? prefs.criticalBreaksQuiet,
    minSeverity: change.minSeverity ?? prefs.minSeverity,
    reminders: change.reminders ?? prefs.reminders,
    escalationOnly: change.escalationOnly ?? prefs.escalationOnly,
  };
}

/** What would be sent now, of a type that is not muted. */
function effect(prefs: NotificationPrefs, nowMs: number): Answer['now'] {
  const type = alertType.options.find((one) => !prefs.mutedTypes.includes(one));
  const sent = (severity: 'warning' | 'critical') =>
    type !== undefined && delivers(prefs, { type, severity }, nowMs);
  const until = quietUntil(prefs, nowMs);
  return {
    warning: sent('warning'),
    critical: sent('critical'),
    quietUntil: until === null ? null : isoTime(until),
  };
}
