import { afterEach, describe, expect, test } from 'vitest';
import type { Clock } from '../../lib/clock.ts';
import { createFastForwardClock } from '../../tasks/testing/fast-forward-clock.ts';
import { makeTestFolder, openTestTasks } from '../../tasks/testing/test-tasks.ts';
import { createRestartKind } from './restart.ts';
import { createStartKind } from './start.ts';
import { createStopKind } from './stop.ts';
import { createServer, START_MS, token } from './testing/fake-server.ts';

const closing: Array<() => Promise<void>> = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function prepare(change: (server: ReturnType<typeof createServer>['server'], clock: Clock) => void) {
  const clock = createFastForwardClock();
  const { server, tools } = createServer(clock);
  change(server, clock);
  const folder = makeTestFolder();
  const kinds = [createRestartKind(tools), createStartKind(tools), createStopKind(tools)];
  const all = await openTestTasks(folder, kinds, { clock });
  closing.push(async () => {
    await all.close();
    folder.remove();
  });
  const serverId = await all.newServer();
  const begin = (type: string) => all.tasks.start(type, { serverId, input: {}, createdBy: 'u_1' });
  return {
    server,
    begin,
    async run(type: string) {
      const begunAt = clock.now();
      const { id } = await begin(type);
      const task = await all.ended(id);
      return { task, output: (await all.tasks.output(id, 0)).text, tookMs: clock.now() - begunAt };
    },
  };
}

describe('the start of a gateway', () => {
  test('succeeds when it is ready and healthy', async () => {
    const { server, run } = await prepare((one) => {
      one.isStopped = true;
    });
    const { task } = await run('openclaw.start');
    expect(task).toMatchObject({
      status: 'succeeded',
      result: { bootId: 'boot-1', pid: 101, version: '2026.9.6', downtimeMs: expect.any(Number) },
    });
    expect((task.result as { downtimeMs: number }).downtimeMs).toBeGreaterThanOrEqual(START_MS);
    expect(server.commands).toEqual(['Starting']);
  });

  test('does not touch a running gateway', async () => {
    const { server, run } = await prepare(() => undefined);
    const { task } = await run('openclaw.start');
    expect(task).toMatchObject({ status: 'succeeded', result: { bootId: 'boot-0', pid: 100 } });
    expect(server.commands).toEqual(['Starting']);
  });

  test('does not kill a hanging gateway that ran before', async () => {
    const { server, run } = await prepare((one) => {
      one.starts = ['hangs', 'hangs'];
    });
    expect((await run('openclaw.restart')).task.status).toBe('failed');
    server.commands.length = 0;
    expect((await run('openclaw.start')).task).toMatchObject({
      status: 'failed',
      error: { message: expect.stringContaining('runs already, but is not ready'), hint: 'Restart it.' },
    });
    expect(server.commands).toEqual(['Starting']);
  });

  test('fails immediately, with the end of the log but without secrets, when the unit fails', async () => {
    const { run } = await prepare((one) => {
      one.isStopped = true;
      one.starts = ['fails'];
      one.journal = [`using ${token}`, 'Missing config. Run openclaw setup.'];
    });
    const { task, output, tookMs } = await run('openclaw.start');
    expect(task).toMatchObject({
      status: 'failed',
      error: {
        code: 'refused',
        message: 'The gateway did not start: Missing config. Run openclaw setup.',
      },
    });
    expect(output).toContain('using [redacted]');
    expect(tookMs).toBeLessThan(30_000);
  });

  test('kills a gateway that hangs while starting, once', async () => {
    const { server, run } = await prepare((one) => {
      one.isStopped = true;
      one.starts = ['hangs', 'good'];
    });
    expect((await run('openclaw.start')).task).toMatchObject({ status: 'succeeded' });
    expect(server.commands).toEqual(['Starting', 'Killing']);
  });

  test('is refused while a gateway runs outside the service', async () => {
    const { server, run } = await prepare((one) => {
      one.isStopped = true;
      one.otherGateway = true;
    });
    expect((await run('openclaw.start')).task).toMatchObject({
      status: 'failed',
      error: { code: 'refused', message: expect.stringContaining('not as the service') },
    });
    expect(server.commands).toEqual([]);
  });

  test('changes nothing when OpenClaw is not installed or not a service', async () => {
    const absent = await prepare((one) => {
      one.installed = false;
    });
    const unmanaged = await prepare((one) => {
      one.manager = 'none';
    });
    for (const type of ['openclaw.start', 'openclaw.stop']) {
      expect((await absent.run(type)).task.error?.code).toBe('not_installed');
      expect((await unmanaged.run(type)).task.error?.code).toBe('unsupported');
    }
    expect([...absent.server.commands, ...unmanaged.server.commands]).toEqual([]);
  });
});

describe('the stop of a gateway', () => {
  test('succeeds when the gateway has stayed down for longer than its unit waits for a restart', async () => {
    const { server, run } = await prepare(() => undefined);
    const { task, tookMs } = await run('openclaw.stop');
    expect(task).toMatchObject({ status: 'succeeded', result: { wasRunning: true, killed: false } });
    expect(tookMs).toBeGreaterThan(5_000);
    expect(server.commands).toEqual(['Stopping']);
  });

  test('succeeds when the gateway is already stopped', async () => {
    const { run } = await prepare((one) => {
      one.isStopped = true;
    });
    expect((await run('openclaw.stop')).task).toMatchObject({
      status: 'succeeded',
      result: { wasRunning: false, killed: false },
    });
  });

  test('reports that the gateway had to be killed', async () => {
    const { run } = await prepare((one) => {
      one.stops = 'killed';
    });
    expect((await run('openclaw.stop')).task).toMatchObject({
      status: 'succeeded',
      result: { wasRunning: true, killed: true },
    });
  });

  test('fails when even a kill does not stop the gateway', async () => {
    const { run } = await prepare((one) => {
      one.stops = 'not';
    });
    expect((await run('openclaw.stop')).task).toMatchObject({
      status: 'failed',
      error: { message: expect.stringContaining('not even by killing it') },
    });
  });

  test.for([
    ['process', /gateway process is still running/],
    ['port', /something still listens on port 18789/],
  ] as const)('fails when the gateway leaves its %s behind', async ([left, words]) => {
    const { run } = await prepare((one) => {
      one.leftovers = [left];
    });
    expect((await run('openclaw.stop')).task).toMatchObject({
      status: 'failed',
      error: { code: 'refused', message: expect.stringMatching(words) },
    });
  });

  test('fails when something starts the gateway again', async () => {
    const { run } = await prepare((one) => {
      one.stops = 'comes back';
    });
    expect((await run('openclaw.stop')).task).toMatchObject({
      status: 'failed',
      error: { message: expect.stringContaining('is running again') },
    });
  });
});

test('start, stop and restart exclude each other on a server', async () => {
  const { server, begin, run } = await prepare(() => undefined);
  server.onCommand = () => {
    server.onCommand = () => {};
    for (const type of ['openclaw.start', 'openclaw.stop', 'openclaw.restart'])
      refusals.push(
        begin(type).then(
          () => 'begun',
          (error: { code: string }) => error.code,
        ),
      );
  };
  const refusals: Promise<string>[] = [];
  await run('openclaw.restart');
  expect(await Promise.all(refusals)).toEqual(Array(3).fill('task_already_running'));
});
