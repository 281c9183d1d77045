// Settings as a person changes them bit by bit, and as another version of Buoy may have left them.
import { describe, expect, test } from 'vitest';
import { createNotificationPrefs } from './prefs.ts';

const defaults = {
  mutedTypes: [],
  quietHours: { enabled: false, start: '22:00', end: '07:00', timezone: 'UTC' },
  criticalBreaksQuiet: false,
  minSeverity: 'warning',
};

/** Over one stored text, at 23:00 UTC. */
function over(text: string) {
  let stored = text;
  const prefs = createNotificationPrefs({
    store: {
      find: async () => stored,
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

describe('what is stored', () => {
  test('is nothing at first: the defaults', async () => {
    expect(await over('{}').read()).toEqual(defaults);
  });

  test.each(['', 'no JSON', 'null', '[]', '"text"', '7'])(
    'as %s, which nobody can read, is the defaults',
    async (text) => {
      expect(await over(text).read()).toEqual(defaults);
    },
  );

  test('by a newer version with alert types that this one does not know keeps those that it knows', async () => {
    const text = JSON.stringify({ ...defaults, mutedTypes: ['disk_full', 'tentacle_lost', 7, 'api_errors'] });
    expect((await over(text).read()).mutedTypes).toEqual(['disk_full', 'api_errors']);
  });

  test('by a newer version with more settings, and a severity unknown here, leaves the others as they are', async () => {
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
    });
  });

  test('as quiet hours in a zone that is gone is not quiet at all, rather than at the wrong hours', async () => {
    const text = JSON.stringify({
      quietHours: { enabled: true, start: '21:00', end: '06:00', timezone: 'Atlantis/Capital' },
    });
    expect(await over(text).read()).toEqual(defaults);
  });
});

describe('a change', () => {
  test('leaves what it does not name, in quiet hours field by field', async () => {
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
    });
  });

  test('can put everything back', async () => {
    const prefs = over('{}');
    await prefs.change({ mutedTypes: ['api_errors'], criticalBreaksQuiet: true, minSeverity: 'critical' });
    expect(
      await prefs.change({ mutedTypes: [], criticalBreaksQuiet: false, minSeverity: 'warning' }),
    ).toEqual(defaults);
  });

  test('that names a type twice mutes it once, in the order given', async () => {
    const changed = await over('{}').change({ mutedTypes: ['disk_full', 'api_errors', 'disk_full'] });
    expect(changed.mutedTypes).toEqual(['disk_full', 'api_errors']);
  });
});

describe('what the settings do now', () => {
  test('is to send everything while nothing is chosen', async () => {
    expect(await over('{}').now()).toEqual({ warning: true, critical: true, quietUntil: null });
  });

  test('is to send critical alerts alone when no less is wanted', async () => {
    const prefs = over('{}');
    await prefs.change({ minSeverity: 'critical' });
    expect(await prefs.now()).toEqual({ warning: false, critical: true, quietUntil: null });
  });

  test('is to be quiet until the morning, and to let critical alerts through where they may', async () => {
    const prefs = over('{}');
    await prefs.change({ quietHours: { enabled: true } });
    const quietUntil = '2026-01-11T07:00:00.000Z';
    expect(await prefs.now()).toEqual({ warning: false, critical: false, quietUntil });
    await prefs.change({ criticalBreaksQuiet: true });
    expect(await prefs.now()).toEqual({ warning: false, critical: true, quietUntil });
  });

  test('speaks of a type that is not muted; with all of them muted, nothing is sent', async () => {
    const prefs = over('{}');
    const all = [
      'gateway_down',
      'connection_failed',
      'channel_down',
      'token_overflow',
      'disk_full',
      'memory_high',
      'api_errors',
      'cron_failed',
      'config_reverted',
      'update_failed',
      'monitor_error',
    ] as const;
    await prefs.change({ mutedTypes: all.slice(1) });
    expect(await prefs.now()).toMatchObject({ warning: true, critical: true });
    await prefs.change({ mutedTypes: [...all] });
    expect(await prefs.now()).toMatchObject({ warning: false, critical: false });
  });
});
