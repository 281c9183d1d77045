// Which failed updates are still open, by the tasks that ended after them.
import { taskTypes } from '@buoy/contract';
import { expect, test } from 'vitest';
import { failedUpdatesIn } from './failed-updates.ts';

type Ended = Parameters<typeof failedUpdatesIn>[0][number];
const update = (succeeded: boolean, more: Partial<Ended> = {}): Ended => ({
  ...{ id: 'tsk_1', type: taskTypes.updateComponent, succeeded, input: { component: 'openclaw' } },
  ...{ result: null, error: { message: 'It did not start.', hint: null } },
  ...{ finishedAt: null, rollbackFailed: false },
  ...more,
});

test.each([
  ['rolled_back', { result: { rolledBack: true } }],
  ['unknown', { rollbackFailed: true }],
  ['unchanged', {}],
] as const)('an update that failed leaves the server %s', (left, more) => {
  expect(failedUpdatesIn([update(false, more)])).toMatchObject([{ component: 'openclaw', left }]);
});

test.each([taskTypes.updateComponent, taskTypes.installOpenclaw, taskTypes.setup, taskTypes.restoreSnapshot])(
  'a later %s that succeeds ends it, and one before it does not',
  (type) => {
    const later = update(true, { type });
    expect(failedUpdatesIn([later, update(false)])).toEqual([]);
    expect(failedUpdatesIn([update(false), later])).toHaveLength(1);
  },
);

test('another component does not end it', () => {
  expect(failedUpdatesIn([update(true, { input: { component: 'npm' } }), update(false)])).toHaveLength(1);
});
