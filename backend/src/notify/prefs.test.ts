// Settings changed field by field, and settings stored by another version of Buoy.
import { alertTypes } from '@buoy/contract/constants';
import { describe, expect, test } from 'vitest';
import { createNotificationPrefs } from './prefs.ts';

const defaults = {
  mutedTypes: [],
  quietHours: { enabled: false, start: '22:00', end: '07:00', timezone: 'UTC' },
  criticalBreaksQuiet: false,
  minSeverity: 'warning',
  reminders: true,
  escalationOnly: false,
};

/** Over one stored text, at 23:00 UTC. */
function over(text: string) {
  let stored = text;
  const prefs = createNotificationPrefs({
    store: {
      find: async () => stored,
      findAll: async (userIds) => new Map(userIds.map((id) => [id, stored])),
      change: async (_userId, _now, change) => {
        stored = change(stored);
        return stored;
      },
    },
    clock: { now: () => Date.parse('2026-01-10T23:00:00Z'), after: () => () => undefined },
  });
  return {
    read: async () => (await prefs.read('ada')).notificationPrefs,
    now: async () => (await prefs.read('ada')).now,
    change: async (change: Parameters<typeof prefs.change>[1]) =>
      (await prefs.change('ada', change)).notificationPrefs,
  };
}

describe('stored notification settings', () => {
  test('are the defaults when none are stored', async () => {
    expect(await over('{}').read()).toEqual(defaults);
  });

  test.each(['', 'no JSON', 'null', '[]', '"text"', '7'])(
    'that cannot be read fall back to the defaults: %s',
    async (text) => {
      expect(await over(text).read()).toEqual(defaults);
    },
  );

  test('with unknown alert types of a newer version keep the known ones', async () => {
    const text = JSON.stringify({ ...defaults, mutedTypes: ['disk_full', 'tentacle_lost', 7, 'api_errors'] });
    expect((await over(text).read()).mutedTypes).toEqual(['disk_full', 'api_errors']);
  });

  test('with unknown fields and an unknown severity of a newer version keep the other fields', async () => {
    const text = JSON.stringify({
      mutedTypes: ['disk_full'],
      quietHours: { enabled: true, start: '21:00', end: '06:00', timezone: 'Asia/Kathmandu', days: ['sat'] },
      criticalBreaksQuiet: true,
      minSeverity: 'notice',
      sound: 'foghorn',
    });
    expect(await over(text).read()).toEqual({
      mutedTypes: ['disk_full'],
      quietHours: { enabled: true, start: '21:00', end: '06:00', timezone: 'Asia/Kathmandu' },
      criticalBreaksQuiet: true,
      minSeverity: 'warning',
      reminders: true,
      escalationOnly: false,
    });
  });

  test('with quiet hours in an unknown time zone are never quiet, rather than at the wrong hours', async () => {
    const text = JSON.stringify({
      quietHours: { enabled: true, start: '21:00', end: '06:00', timezone: 'Atlantis/Capital' },
    });
    expect(await over(text).read()).toEqual(defaults);
  });
});

describe('a change of notification settings', () => {
  test('keeps the fields that it does not name, also within quiet hours', async () => {
    const prefs = over('{}');
    await prefs.change({ mutedTypes: ['api_errors'], criticalBreaksQuiet: true });
    await prefs.change({ quietHours: { timezone: 'Europe/Berlin' } });
    await prefs.change({ quietHours: { enabled: true, end: '06:30' } });
    await prefs.change({});
    expect(await prefs.read()).toEqual({
      mutedTypes: ['api_errors'],
      quietHours: { enabled: true, start: '22:00', end: '06:30', timezone: 'Europe/Berlin' },
      criticalBreaksQuiet: true,
      minSeverity: 'warning',
      reminders: true,
      escalationOnly: false,
    });
  });

  test('turns reminders off and escalation on, each by itself', async () => {
    const prefs = over('{}');
    expect(await prefs.change({ reminders: false })).toEqual({ ...defaults, reminders: false });
    expect(await prefs.change({ escalationOnly: true })).toEqual({
      ...{ ...defaults, reminders: false },
      escalationOnly: true,
    });
  });

  test('can restore all defaults', async () => {
    const prefs = over('{}');
    await prefs.change({ mutedTypes: ['api_errors'], criticalBreaksQuiet: true, minSeverity: 'critical' });
    expect(
      await prefs.change({ mutedTypes: [], criticalBreaksQuiet: false, minSeverity: 'warning' }),
    ).toEqual(defaults);
  });

  test('mutes a type once when it is named twice, in the given order', async () => {
    const changed = await over('{}').change({ mutedTypes: ['disk_full', 'api_errors', 'disk_full'] });
    expect(changed.mutedTypes).toEqual(['disk_full', 'api_errors']);
  });
});

describe('the description of notification settings', () => {
  test('sends everything by default', async () => {
    expect(await over('{}').now()).toEqual({ warning: true, critical: true, quietUntil: null });
  });

  test('sends only critical alerts when the minimum severity is critical', async () => {
    const prefs = over('{}');
    await prefs.change({ minSeverity: 'critical' });
    expect(await prefs.now()).toEqual({ warning: false, critical: true, quietUntil: null });
  });

  test('is quiet until the morning, and lets critical alerts through when allowed', async () => {
    const prefs = over('{}');
    await prefs.change({ quietHours: { enabled: true } });
    const quietUntil = '2026-01-11T07:00:00.000Z';
    expect(await prefs.now()).toEqual({ warning: false, critical: false, quietUntil });
    await prefs.change({ criticalBreaksQuiet: true });
    expect(await prefs.now()).toEqual({ warning: false, critical: true, quietUntil });
  });

  test('refers to a type that is not muted; with all types muted, nothing is sent', async () => {
    const prefs = over('{}');
    await prefs.change({ mutedTypes: alertTypes.slice(1) });
    expect(await prefs.now()).toMatchObject({ warning: true, critical: true });
    await prefs.change({ mutedTypes: [...alertTypes] });
    expect(await prefs.now()).toMatchObject({ warning: false, critical: false });
  });
});
