import { afterEach, describe, expect, it } from 'vitest';
import { AppError } from '../lib/app-error.ts';
import type { Clock } from '../lib/clock.ts';
import type { RemoteRuns } from '../tasks/remote-run.ts';
import { createHurriedClock } from '../tasks/testing/hurried-clock.ts';
import { makeTestFolder, openTestTasks, type TestTasks } from '../tasks/testing/test-tasks.ts';
import type { Installation, ServiceFacts } from './installation/installation.ts';
import { createRestartKind } from './restart.ts';
import type { RestartTools } from './restart-parts.ts';

const token = 'token-0123456789abcdef';
const startMs = 10_000;

/** A server with a gateway, as far as a restart can see it. Each start takes 10 s of the clock unless told otherwise. */
function createServer(clock: Clock) {
  const server = {
    installed: true,
    manager: 'systemd-user' as Installation['manager'],
    /** What each start does, the first one being that of the restart. */
    starts: [] as Array<'good' | 'hangs' | 'crashes' | 'fails' | 'unhealthy' | 'ignored'>,
    /** OpenClaw 2026.7.35 does not. */
    tellsBootId: true,
    journal: [] as string[],
    /** The commands that ran on it. */
    commands: [] as string[],
    /** Milliseconds of the clock during which it is out of reach. */
    away: null as { fromMs: number; untilMs: number } | null,
    onCommand: () => {},
  };
  let generation = 0;
  let nature: (typeof server.starts)[number] = 'good';
  let startedAt = clock.now() - 60_000;

  const start = () => {
    const next = server.starts[generation] ?? 'good';
    if (next === 'ignored') return;
    nature = next;
    generation += 1;
    startedAt = clock.now();
  };
  const check = () => {
    const { away } = server;
    if (away !== null && clock.now() >= away.fromMs && clock.now() < away.untilMs)
      throw new AppError('unreachable', 'The server does not answer.');
  };
  const isReady = () => ['good', 'unhealthy'].includes(nature) && clock.now() >= startedAt + startMs;
  const facts = (): ServiceFacts => ({
    manager: server.manager,
    unit: 'openclaw-gateway.service',
    activeState: nature === 'fails' ? 'failed' : nature === 'crashes' ? 'activating' : 'active',
    subState: nature === 'crashes' ? 'auto-restart' : 'running',
    result: nature === 'fails' ? 'exit-code' : 'success',
    restarts: nature === 'crashes' ? Math.floor((clock.now() - startedAt) / 8_000) : 0,
    startLimitHit: false,
    pid: nature === 'fails' ? null : 100 + generation,
    execMainStatus: null,
    uptimeS: 60,
    rssBytes: null,
  });

  const remoteRuns: RemoteRuns = {
    async start(_serverId, _run, { script }) {
      check();
      const [, command] = /(Restarting|Killing) \$unit/.exec(script) ?? [];
      server.commands.push(command ?? script);
      start();
      server.onCommand();
    },
    async follow(_serverId, _run, { onOutput }) {
      await onOutput('After: ActiveState=active\n', 26);
      return { exitCode: 0 };
    },
    cancel: async () => void server.commands.push('cancel'),
    remove: async () => undefined,
  };
  const tools: RestartTools = {
    clock,
    remoteRuns,
    ssh: {
      async script() {
        check();
        const stdout = `${Math.floor(clock.now() / 1000)}\n`;
        return { exitCode: 0, signal: null, stdout, stderr: '', truncated: false, durationMs: 1 };
      },
    },
    installations: {
      find: async () => {
        check();
        const installation: Installation = {
          installed: server.installed,
          binaryPath: '/opt/openclaw',
          nodePath: null,
          version: '2026.9.6',
          configPath: null,
          port: 18789,
          bind: null,
          authMode: null,
          manager: server.manager,
          unit: server.manager === 'none' ? null : 'openclaw-gateway.service',
          linger: true,
        };
        return installation;
      },
      service: async () => {
        check();
        return facts();
      },
      journal: async () => server.journal,
      access: async () => ({ port: 18789, auth: { token }, problem: null }),
    },
    gateways: {
      async hello() {
        check();
        if (!isReady()) throw new AppError('gateway_unavailable', 'The gateway does not answer.');
        return {
          version: '2026.9.6',
          bootId: server.tellsBootId ? `boot-${generation}` : null,
          uptimeMs: 1,
          authMode: 'token',
        };
      },
      async call(_serverId, _method, _params, schema) {
        return schema.parse({ ok: nature !== 'unhealthy' });
      },
      async probe() {
        check();
        if (nature === 'crashes' || nature === 'fails')
          throw new AppError('gateway_unavailable', 'The gateway does not answer.');
        return isReady()
          ? { status: 200, body: { ready: true, failing: [] } }
          : { status: 503, body: { ready: false, failing: ['startup-sidecars'] } };
      },
    },
  };
  return { server, tools };
}

describe('the restart of a gateway', () => {
  const closing: Array<() => Promise<void>> = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  async function prepare(change: (server: ReturnType<typeof createServer>['server'], clock: Clock) => void) {
    const clock = createHurriedClock();
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

  it('succeeds when another process is ready and healthy, and tells how long it was away', async () => {
    const { task, server } = await restart(() => undefined);
    expect(task).toMatchObject({
      status: 'succeeded',
      result: { bootId: 'boot-1', pid: 101, version: '2026.9.6', downtimeMs: expect.any(Number) },
    });
    expect((task.result as { downtimeMs: number }).downtimeMs).toBeGreaterThanOrEqual(startMs);
    expect((task.result as { downtimeMs: number }).downtimeMs).toBeLessThan(startMs + 5_000);
    expect(server.commands).toEqual(['Restarting']);
  });

  it('changes nothing where OpenClaw is not installed, or no service manager runs it', async () => {
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

  it('fails at once, with the end of the log but no secret in it, when the unit has failed', async () => {
    const { task, output, tookMs } = await restart((server) => {
      server.starts = ['fails'];
      server.journal = ['starting', `using ${token}`, 'bot 1234567890:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'];
    });
    expect(task).toMatchObject({ status: 'failed', error: { code: 'refused', hint: expect.any(String) } });
    expect(task.steps.map((step) => step.status)).toEqual(['succeeded', 'succeeded', 'failed', 'skipped']);
    expect(output).toContain("The gateway's log:\nstarting\nusing [secret]\nbot [secret]\n");
    expect(tookMs).toBeLessThan(30_000);
  });

  it('does not wait the whole time for a gateway that crashes again and again', async () => {
    const { task, server } = await restart((server) => {
      server.starts = ['crashes'];
    });
    expect(task).toMatchObject({
      status: 'failed',
      error: { code: 'refused', message: 'The gateway crashes again and again.' },
    });
    expect(server.commands).toEqual(['Restarting']);
  });

  it('kills a gateway that hangs and starts it again, once', async () => {
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

  it('does not count the time in which the server is out of reach against the gateway', async () => {
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
    async (tellsBootId) => {
      const stale = await restart((server) => {
        server.tellsBootId = tellsBootId;
        server.starts = ['ignored'];
      });
      expect(stale.task).toMatchObject({
        status: 'failed',
        error: { code: 'refused', message: expect.stringContaining('from before the restart') },
      });
      const fresh = await restart((server) => {
        server.tellsBootId = tellsBootId;
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
      error: { message: 'The gateway runs, but says that it is not healthy.' },
    });
  });

  it('only stops waiting when it is cancelled after the command has run', async () => {
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
