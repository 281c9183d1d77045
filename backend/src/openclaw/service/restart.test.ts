import { afterEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../lib/clock.ts';
import { createFastForwardClock } from '../../tasks/testing/fast-forward-clock.ts';
import { makeTestFolder, openTestTasks, type TestTasks } from '../../tasks/testing/test-tasks.ts';
import { createRestartKind } from './restart.ts';
import { createServer, START_MS, token } from './testing/fake-server.ts';

describe('the restart of a gateway', () => {
  const closing: Array<() => Promise<void>> = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  async function prepare(change: (server: ReturnType<typeof createServer>['server'], clock: Clock) => void) {
    const clock = createFastForwardClock();
    const { server, tools } = createServer(clock);
    change(server, clock);
    const folder = makeTestFolder();
    const all = await openTestTasks(folder, [createRestartKind(tools)], { clock });
    closing.push(async () => {
      await all.close();
      folder.remove();
    });
    const { id } = await all.tasks.start('openclaw.restart', {
      serverId: await all.newServer(),
      input: {},
      createdBy: 'u_1',
    });
    return { all, id, server, clock };
  }
  async function restart(change: Parameters<typeof prepare>[0]) {
    const { all, id, server, clock } = await prepare(change);
    const begunAt = clock.now();
    const task = await all.ended(id);
    return { task, output: (await all.tasks.output(id, 0)).text, server, tookMs: clock.now() - begunAt, all };
  }

  it('succeeds when a new process is ready and healthy, and reports the downtime', async () => {
    const { task, server } = await restart(() => undefined);
    expect(task).toMatchObject({
      status: 'succeeded',
      result: { bootId: 'boot-1', pid: 101, version: '2026.9.6', downtimeMs: expect.any(Number) },
    });
    expect((task.result as { downtimeMs: number }).downtimeMs).toBeGreaterThanOrEqual(START_MS);
    expect((task.result as { downtimeMs: number }).downtimeMs).toBeLessThan(START_MS + 5_000);
    expect(server.commands).toEqual(['Restarting']);
    // A finished step does not keep the detail about its waiting.
    expect(task.steps.slice(-2).map((step) => step.detail)).toEqual([
      'The gateway is ready.',
      'It answers, and says that it is healthy.',
    ]);
  });

  it('changes nothing when OpenClaw is not installed or not a service', async () => {
    const absent = await restart((server) => {
      server.installed = false;
    });
    expect(absent.task).toMatchObject({ status: 'failed', error: { code: 'not_installed' } });
    const unmanaged = await restart((server) => {
      server.manager = 'none';
    });
    expect(unmanaged.task).toMatchObject({ status: 'failed', error: { code: 'unsupported' } });
    expect([...absent.server.commands, ...unmanaged.server.commands]).toEqual([]);
  });

  it('fails immediately, with the end of the log but without secrets, when the unit has failed', async () => {
    const { task, output, tookMs } = await restart((server) => {
      server.starts = ['fails'];
      server.journal = ['starting', `using ${token}`, 'bot 1234567890:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'];
    });
    expect(task).toMatchObject({ status: 'failed', error: { code: 'refused', hint: expect.any(String) } });
    expect(task.steps.map((step) => step.status)).toEqual(['succeeded', 'succeeded', 'failed', 'skipped']);
    expect(output).toContain("The gateway's log:\nstarting\nusing [redacted]\nbot [redacted]\n");
    expect(tookMs).toBeLessThan(30_000);
  });

  it('does not wait until the deadline for a gateway that keeps crashing', async () => {
    const { task, server } = await restart((server) => {
      server.starts = ['crashes'];
    });
    expect(task).toMatchObject({
      status: 'failed',
      error: { code: 'refused', message: 'The gateway keeps crashing.' },
    });
    expect(server.commands).toEqual(['Restarting']);
  });

  it('kills a hanging gateway and starts it again, once', async () => {
    const good = await restart((server) => {
      server.starts = ['hangs', 'good'];
    });
    expect(good.task).toMatchObject({ status: 'succeeded', result: { bootId: 'boot-2' } });
    expect(good.server.commands).toEqual(['Restarting', 'Killing']);

    const bad = await restart((server) => {
      server.starts = ['hangs', 'hangs'];
    });
    expect(bad.task).toMatchObject({
      status: 'failed',
      error: { message: expect.stringContaining('did not become ready') },
    });
    expect(bad.server.commands).toEqual(['Restarting', 'Killing']);
  });

  it('does not count the time in which the server is unreachable against the gateway', async () => {
    const { task, server } = await restart((server, clock) => {
      server.onCommand = () => {
        server.away = { fromMs: clock.now() + 2_000, untilMs: clock.now() + 5 * 60_000 };
      };
    });
    expect(task).toMatchObject({ status: 'succeeded' });
    expect(server.commands).toEqual(['Restarting']);
  });

  it.each([true, false])(
    'notices that the old process still answers (with a boot id: %j)',
    async (printsBootId) => {
      const stale = await restart((server) => {
        server.tellsBootId = printsBootId;
        server.starts = ['ignored'];
      });
      expect(stale.task).toMatchObject({
        status: 'failed',
        error: { code: 'refused', message: expect.stringContaining('from before the restart') },
      });
      const fresh = await restart((server) => {
        server.tellsBootId = printsBootId;
      });
      expect(fresh.task).toMatchObject({ status: 'succeeded', result: { pid: 101 } });
    },
  );

  it('fails when the gateway runs but is not healthy', async () => {
    const { task } = await restart((server) => {
      server.starts = ['unhealthy'];
    });
    expect(task).toMatchObject({
      status: 'failed',
      error: { message: 'The gateway runs, but reports that it is not healthy.' },
    });
  });

  it('stops only the waiting when it is cancelled after the command has run', async () => {
    let all: TestTasks | null = null;
    let taskId = '';
    const prepared = await prepare((server) => {
      server.starts = ['hangs'];
      server.onCommand = () => void all?.tasks.cancel(taskId);
    });
    all = prepared.all;
    taskId = prepared.id;
    expect(await prepared.all.ended(prepared.id)).toMatchObject({ status: 'cancelled' });
    expect(prepared.server.commands).toEqual(['Restarting']);
  });
});
