// Fair task queue: a person whose servers are all dead must not hold up the tasks of other people.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../../../testbed/until.ts';
import { startTestBuoy, type TestBuoy } from '../support/test-buoy.ts';

let running: TestBuoy;
beforeEach(async () => {
  running = await startTestBuoy();
});
afterEach(() => running.close());

/** Starts a restart on a new server of that person on which nothing listens; returns the task's id. */
async function restartDeadServer(token: string, name: string): Promise<string> {
  const body = {
    name,
    host: '127.0.0.1',
    port: 1,
    username: 'root',
    authType: 'password',
    password: 'secret',
  };
  const { server } = (await running.call('POST', '/servers', { token, body })).json();
  const started = await running.call('POST', `/servers/${server.id}/openclaw/restart`, { token });
  expect(started.statusCode).toBe(202);
  return started.json().task.id;
}

/** Waits until the task has begun. */
async function begun(token: string, task: string): Promise<void> {
  await until(15_000, async () => {
    const { status } = (await running.call('GET', `/tasks/${task}`, { token })).json().task;
    return status !== 'queued';
  });
}

test('tasks of other people run while four people hold all places with dead servers', async () => {
  for (const person of [42, 43, 44, 45]) {
    const attacker = await running.signIn(person);
    const tasks: string[] = [];
    for (let index = 0; index < 8; index += 1) tasks.push(await restartDeadServer(attacker, `dead ${index}`));
    await begun(attacker, tasks.at(-1)!);
  }
  const victim = await running.signIn(46);
  await begun(victim, await restartDeadServer(victim, 'mine'));
});

test('tasks of other people run while one person has tasks on 40 dead servers', async () => {
  const attacker = await running.signIn(42);
  for (let index = 0; index < 40; index += 1) await restartDeadServer(attacker, `dead ${index}`);
  const victim = await running.signIn(43);
  await begun(victim, await restartDeadServer(victim, 'mine'));
});
