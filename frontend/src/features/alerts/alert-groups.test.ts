import type { Alert } from '@buoy/contract';
import { expect, it } from 'vitest';
import { alertGroups } from './alert-groups.ts';

function alert(id: string, changes: Partial<Alert> = {}): Alert {
  return {
    id,
    serverId: 'srv_1',
    type: 'gateway_down',
    severity: 'critical',
    status: 'firing',
    cause: 'It has stopped.',
    evidence: '',
    firstAt: '2026-01-01T10:00:00.000Z',
    lastAt: '2026-01-01T10:00:00.000Z',
    count: 1,
    resolvedAt: null,
    snoozedUntil: null,
    readAt: null,
    noteCount: 0,
    autoRepair: null,
    ...changes,
  };
}
const summarize = (alerts: readonly Alert[]) =>
  alertGroups(alerts).map(({ kind, alerts: within }) => [kind, within.map(({ id }) => id)]);

it('lists firing alerts first, critical before warnings and newest before older', () => {
  expect(
    summarize([
      alert('warning', { severity: 'warning', firstAt: '2026-01-03T10:00:00.000Z' }),
      alert('old'),
      alert('new', { firstAt: '2026-01-02T10:00:00.000Z' }),
    ]),
  ).toEqual([['firing', ['new', 'old', 'warning']]]);
});

it('groups acknowledged, snoozed and resolved alerts, latest end first', () => {
  expect(
    summarize([
      alert('over', { status: 'resolved', resolvedAt: '2026-01-01T11:00:00.000Z' }),
      alert('over later', { status: 'resolved', resolvedAt: '2026-01-01T12:00:00.000Z' }),
      alert('put off', { status: 'snoozed', severity: 'warning' }),
      alert('taken', { status: 'acknowledged' }),
      alert('firing'),
    ]),
  ).toEqual([
    ['firing', ['firing']],
    ['quiet', ['taken', 'put off']],
    ['resolved', ['over later', 'over']],
  ]);
});

it('omits empty alert groups', () => {
  expect(summarize([])).toEqual([]);
});
