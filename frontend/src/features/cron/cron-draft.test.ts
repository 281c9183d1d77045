import type { CronJob } from '@buoy/contract';
import { describe, expect, it } from 'vitest';
import { changeOf, draftOf, emptyDraft, localInput, newJobOf, problemsOf } from './cron-draft.ts';

const now = Date.parse('2026-01-01T10:00:00.000Z');
const job: CronJob = {
  id: 'j1',
  name: 'Morning',
  enabled: true,
  agentId: 'main',
  schedule: { kind: 'cron', expr: '0 9 * * *', tz: 'Europe/Moscow' },
  message: 'say hi',
  sessionTarget: 'isolated',
  delivery: { mode: 'announce', channel: 'telegram', to: '77' },
  nextRunAt: null,
  running: false,
  lastRun: null,
  system: false,
};
const good = { ...emptyDraft, name: ' Morning ', message: 'say hi' };

describe('new cron job', () => {
  it('sends only the filled fields', () => {
    expect(problemsOf(good, now)).toEqual({});
    expect(newJobOf(good)).toEqual({
      name: 'Morning',
      schedule: { kind: 'cron', expr: '0 9 * * *' },
      message: 'say hi',
      sessionTarget: 'isolated',
      delivery: { mode: 'none' },
    });
  });

  it('converts an interval from the chosen unit', () => {
    expect(newJobOf({ ...good, kind: 'every', count: '2', unit: 'hours' }).schedule).toEqual({
      kind: 'every',
      everyMs: 7_200_000,
    });
  });

  it('reads a one-time moment in the local time zone', () => {
    const at = localInput(new Date('2030-06-01T12:30:00.000Z'));
    expect(newJobOf({ ...good, kind: 'at', at }).schedule).toEqual({
      kind: 'at',
      at: '2030-06-01T12:30:00.000Z',
    });
  });
});

describe('cron draft validation', () => {
  it.each([
    [{ name: ' ' }, { name: 'missing' }],
    [{ message: '' }, { message: 'missing' }],
    [{ expr: '0 9 *' }, { expr: 'fields' }],
    [{ kind: 'every', count: '0' }, { count: 'number' }],
    [{ kind: 'every', count: '1.5' }, { count: 'number' }],
    [{ kind: 'every', count: '400', unit: 'days' }, { count: 'number' }],
    [{ kind: 'at', at: '' }, { at: 'missing' }],
    [{ kind: 'at', at: '2020-01-01T00:00' }, { at: 'past' }],
    [{ delivery: 'webhook', to: 'example.org' }, { to: 'url' }],
  ] as const)('%j', (change, problems) => {
    expect(problemsOf({ ...good, ...change }, now)).toEqual(problems);
  });
});

describe('cron job update', () => {
  const before = draftOf(job);

  it('sends only changed fields', () => {
    expect(changeOf(before, before)).toEqual({});
    expect(changeOf(before, { ...before, message: 'say bye' })).toEqual({ message: 'say bye' });
    expect(changeOf(before, { ...before, to: '' })).toEqual({
      delivery: { mode: 'announce', channel: 'telegram' },
    });
    expect(changeOf(before, { ...before, tz: '' })).toEqual({
      schedule: { kind: 'cron', expr: '0 9 * * *' },
    });
  });

  it('keeps schedules and targets that Buoy does not offer', () => {
    const strange = draftOf({
      ...job,
      schedule: { kind: 'other', name: 'on-exit' },
      sessionTarget: 'agent:main:work',
    });
    expect(strange).toMatchObject({ kind: 'kept', sessionTarget: 'kept' });
    expect(changeOf(strange, { ...strange, name: 'x' })).toEqual({ name: 'x' });
  });

  it('shows an interval in its largest whole unit', () => {
    expect(draftOf({ ...job, schedule: { kind: 'every', everyMs: 5_400_000 } })).toMatchObject({
      count: '90',
      unit: 'minutes',
    });
  });
});
