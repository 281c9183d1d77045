import type { ErrorCode, Task } from '@buoy/contract';
import { ApiError } from '@buoy/contract/client';
import { taskTypes } from '@buoy/contract/constants';
import { describe, expect, it } from 'vitest';
import { createApi } from '../../api.ts';
import { startOrJoin } from './start-or-join.ts';

const task = (id: string) => ({ id, type: taskTypes.restart }) as Task;
const { restart, updateComponent } = taskTypes;
const refusal = (code: ErrorCode, details?: unknown) => () =>
  Promise.reject(new ApiError(409, { error: 'No.', code, details }));

describe('starting a task', () => {
  const api = {
    ...createApi({ token: () => null, renew: async () => false, person: () => null }),
    call: (async (_key: string, { params }: { params: { id: string } }) => ({
      task: task(params.id),
    })) as never,
  };

  it('returns the new task', async () => {
    expect(await startOrJoin(api, restart, async () => ({ task: task('new') }))).toMatchObject({
      task: { id: 'new' },
    });
  });

  it('returns the task that already runs', async () => {
    const work = startOrJoin(api, restart, refusal('task_already_running', { taskId: 'theirs' }));
    expect(await work).toMatchObject({ task: { id: 'theirs' } });
  });

  it('fails when the task that runs is another one, which excludes it', async () => {
    const work = startOrJoin(api, updateComponent, refusal('task_already_running', { taskId: 'theirs' }));
    await expect(work).rejects.toMatchObject({ code: 'task_already_running' });
  });

  it.each([
    ['another reason', refusal('conflict', { taskId: 'theirs' })],
    ['no word of which task it is', refusal('task_already_running')],
  ])('fails as the server says it, with %s', async (_why, start) => {
    await expect(startOrJoin(api, restart, start)).rejects.toMatchObject({ status: 409 });
  });
});
