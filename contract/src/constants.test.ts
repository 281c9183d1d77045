import { expect, test } from 'vitest';
import { activeTaskStatuses, hasEnded, taskStatuses } from './constants.ts';

test('a task has ended in every state but queued and running', () => {
  const ended = taskStatuses.filter((status) => hasEnded({ status }));
  expect(ended).toEqual(['succeeded', 'failed', 'cancelled', 'interrupted']);
  expect([...activeTaskStatuses, ...ended]).toEqual(taskStatuses);
});
