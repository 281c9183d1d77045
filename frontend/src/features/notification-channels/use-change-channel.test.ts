import type { NotificationChannel } from '@buoy/contract';
import { expect, it } from 'vitest';
import { changedChannels } from './use-change-channel.ts';

const channel: NotificationChannel = {
  ...{ id: 'nch_1', type: 'email', label: 'work', target: 'ada@example.org', enabled: true },
  ...{ minSeverity: 'warning', mutedTypes: [], state: 'ok', lastError: null, lastSentAt: null },
  createdAt: '2026-01-01T00:00:00.000Z',
};

it('changes what is given, in that channel only', () => {
  const other = { ...channel, id: 'nch_2' };
  const change = { enabled: false, minSeverity: undefined };
  expect(changedChannels([channel, other], 'nch_2', change)).toEqual([channel, { ...other, enabled: false }]);
});
