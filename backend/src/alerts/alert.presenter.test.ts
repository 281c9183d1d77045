// The status of an alert follows from its timestamps, in this order.
import { alert } from '@buoy/contract';
import { expect, test } from 'vitest';
import { presentAlert } from './alert.presenter.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 2, 1, 10, minute)).toISOString();
const row = {
  ...{ id: 'alr_1', serverId: 'srv_1', type: 'gateway_down', subject: '', severity: 'critical' },
  ...{ cause: 'The gateway is stopped.', evidence: '', firstAt: at(0), lastAt: at(5), count: 2 },
  ...{ acknowledgedAt: null, acknowledgedBy: null, snoozedUntil: null, resolvedAt: null },
  ...{ noteCount: 0, remindFrom: null, remindAt: null },
  ...{ autoRepairedAt: null, autoRepairedBy: null, autoRepairResult: null },
};

test.each([
  ['firing', {}],
  ['snoozed', { snoozedUntil: at(11) }],
  ['firing', { snoozedUntil: at(10) }],
  ['acknowledged', { acknowledgedAt: at(6), acknowledgedBy: 'u_1', snoozedUntil: at(11) }],
  ['resolved', { acknowledgedAt: at(6), acknowledgedBy: 'u_1', snoozedUntil: at(11), resolvedAt: at(7) }],
])('%s: %j', (status, changes) => {
  const presented = presentAlert({ ...row, ...changes }, at(8), Date.parse(at(10)));
  expect(presented).toMatchObject({ status, readAt: at(8) });
  expect(alert.parse(presented)).toEqual(presented);
});
