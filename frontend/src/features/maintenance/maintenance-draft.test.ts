// What the maintenance form sends.
import { expect, test } from 'vitest';
import { beginsNow, emptyMaintenanceDraft, isComplete, maintenanceRequestOf } from './maintenance-draft.ts';

const now = Date.parse('2026-03-01T10:00:00.000Z');
const draft = emptyMaintenanceDraft('Europe/Berlin');

test('minutes from now, with the reason if there is one', () => {
  expect(maintenanceRequestOf(draft, now)).toEqual({ minutes: 60 });
  expect(maintenanceRequestOf({ ...draft, length: '30', reason: ' new disk ' }, now)).toEqual({
    ...{ minutes: 30, reason: 'new disk' },
  });
});

test('a moment in the time zone of this device, which must be ahead', () => {
  const until = { ...draft, length: 'until', until: '2026-03-02T08:30' } as const;
  expect(isComplete(until, now)).toBe(true);
  expect(isComplete({ ...until, until: '2026-02-02T08:30' }, now)).toBe(false);
  expect(isComplete({ ...until, until: '' }, now)).toBe(false);
  expect(maintenanceRequestOf(until, now)).toEqual({
    ...{ from: '2026-03-01T10:00:00.000Z', to: new Date(2026, 2, 2, 8, 30).toISOString() },
  });
});

test('each week on the chosen days, of which there must be one', () => {
  const weekly = { ...draft, length: 'weekly' } as const;
  expect(isComplete({ ...weekly, days: [] }, now)).toBe(false);
  expect(maintenanceRequestOf(weekly, now)).toEqual({
    weekly: { days: ['sun'], start: '02:00', end: '04:00', timezone: 'Europe/Berlin' },
  });
});

test('from one moment to another, which must come later', () => {
  const planned = {
    ...draft,
    length: 'planned',
    from: '2026-03-05T22:00',
    until: '2026-03-06T02:00',
  } as const;
  expect(isComplete(planned, now)).toBe(true);
  expect(isComplete({ ...planned, from: '' }, now)).toBe(false);
  expect(isComplete({ ...planned, from: '2026-03-06T02:00' }, now)).toBe(false);
  expect(beginsNow(planned)).toBe(false);
  expect(maintenanceRequestOf(planned, now)).toEqual({
    ...{ from: new Date(2026, 2, 5, 22).toISOString(), to: new Date(2026, 2, 6, 2).toISOString() },
  });
});

test('by a cron expression with one space between its fields, for whole minutes', () => {
  const cron = { ...draft, length: 'cron', cron: ' 0  3 1 * * ', minutes: '90' } as const;
  expect(isComplete(cron, now)).toBe(true);
  expect(isComplete({ ...cron, cron: ' ' }, now)).toBe(false);
  for (const minutes of ['', '0', '1.5', '-1', 'soon'])
    expect(isComplete({ ...cron, minutes }, now)).toBe(false);
  expect(maintenanceRequestOf(cron, now)).toEqual({
    ...{ cron: '0 3 1 * *', minutes: 90, timezone: 'Europe/Berlin' },
  });
});
