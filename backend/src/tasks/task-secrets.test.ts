// Keys and passwords of a task: its steps have them until it ends, and nobody else has them at any time.
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TaskKind } from './task-kind.ts';
import { requiredSecret } from './task-secrets.ts';
import { kindOf, step, untilStopped } from './testing/fake-kinds.ts';
import { makeTestFolder, openTestTasks, type TestFolder, type TestTasks } from './testing/test-tasks.ts';

describe('secrets of a task', () => {
  let folder: TestFolder;
  let opened: TestTasks[];
  beforeEach(() => {
    folder = makeTestFolder();
    opened = [];
  });
  afterEach(async () => {
    for (const each of opened) await each.close();
    folder.remove();
  });
  const open = async (kinds: TaskKind[]) => {
    const all = await openTestTasks(folder, kinds);
    opened.push(all);
    return all;
  };
  const start = async ({ tasks, newServer }: TestTasks) =>
    tasks.start('test.work', {
      serverId: await newServer(),
      input: {},
      secrets: { apiKey: 'sk-of-a-provider' },
      createdBy: 'u_1',
    });
  const onDisk = () => ['', '-wal'].map((end) => readFileSync(`${folder.database}${end}`)).join('');

  test('reach its steps, and neither the database nor the task', async () => {
    let seen: string | undefined;
    const all = await open([
      kindOf([
        step('use', async (context) => {
          seen = (await context.secrets()).apiKey;
        }),
      ]),
    ]);
    const { id } = await start(all);
    const task = await all.ended(id);
    expect(seen).toBe('sk-of-a-provider');
    expect(JSON.stringify(task)).not.toContain('sk-of-a-provider');
    expect(onDisk()).not.toContain('sk-of-a-provider');
  });

  test.each([
    ['succeeds', async () => 1],
    [
      'fails',
      async () => {
        throw new Error('broken');
      },
    ],
  ])('are deleted when the task %s', async (_end, run) => {
    const all = await open([kindOf([step('use', run)])]);
    const { id } = await start(all);
    await all.ended(id);
    expect(await all.store.secrets(id)).toBeNull();
  });

  test('are deleted when the task is cancelled before it began', async () => {
    const all = await open([kindOf([step('use', untilStopped)], { exclusivePerServer: false })]);
    await all.close();
    opened.pop();
    const again = await openTestTasks(folder, [kindOf([step('use', untilStopped)])]);
    opened.push(again);
    const serverId = await again.newServer();
    await again.tasks.close();
    const { id } = await again.tasks.start('test.work', {
      ...{ serverId, input: {}, createdBy: 'u_1' },
      secrets: { apiKey: 'sk-of-a-provider' },
    });
    expect(await again.store.secrets(id)).not.toBeNull();
    await again.tasks.cancelQueuedOf('u_1', serverId);
    expect(await again.store.secrets(id)).toBeNull();
  });

  test('are there for a step that resumes after Buoy was stopped', async () => {
    const seen: Array<string | undefined> = [];
    const kind = kindOf([
      step('use', async (context) => {
        seen.push((await context.secrets()).apiKey);
        return context.resumed ? 1 : untilStopped(context);
      }),
    ]);
    const first = await open([kind]);
    const { id } = await start(first);
    await first.taskWhen(id, ({ steps }) => steps[0]?.status === 'running' && seen.length === 1);
    await opened.pop()?.close();
    const second = await open([kind]);
    expect(await second.ended(id)).toMatchObject({ status: 'succeeded' });
    expect(seen).toEqual(['sk-of-a-provider', 'sk-of-a-provider']);
  });

  test('are asked for again when a failed task is started again', async () => {
    const all = await open([
      kindOf([
        step('use', async (context) => {
          requiredSecret(await context.secrets(), 'password', 'the password');
        }),
      ]),
    ]);
    const { id } = await start(all);
    await all.ended(id);
    const again = await all.tasks.retry(id, 'u_1');
    expect(await all.ended(again.id)).toMatchObject({
      error: { code: 'conflict', message: expect.stringContaining('no longer has the password') },
    });
  });
});
