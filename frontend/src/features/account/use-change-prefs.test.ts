import type { NotificationPrefs } from '@buoy/contract';
import { expect, it } from 'vitest';
import { changedPrefs } from './use-change-prefs.ts';

const prefs: NotificationPrefs = {
  mutedTypes: ['disk_full'],
  quietHours: { enabled: false, start: '22:00', end: '07:00', timezone: 'UTC' },
  criticalBreaksQuiet: false,
  minSeverity: 'warning',
  reminders: true,
  escalationOnly: false,
};

it('applies a preference change optimistically and keeps the other preferences', () => {
  expect(changedPrefs(prefs, { quietHours: { enabled: true } })).toEqual({
    ...prefs,
    quietHours: { ...prefs.quietHours, enabled: true },
  });
  expect(changedPrefs(prefs, { mutedTypes: [], minSeverity: undefined })).toEqual({
    ...prefs,
    mutedTypes: [],
  });
});
