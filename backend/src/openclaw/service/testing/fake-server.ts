// A fake server with a gateway for tests of the service tasks, with a FakeClock.
import { AppError } from '../../../lib/app-error.ts';
import type { Clock } from '../../../lib/clock.ts';
import type { RemoteRuns } from '../../../tasks/remote-run.ts';
import type { Installation, ServiceFacts } from '../../host/installation.ts';
import type { ServiceTools } from '../parts.ts';

export const token = 'token-0123456789abcdef';
/** Milliseconds from a start to ready. */
export const START_MS = 10_000;

const stopExit = { well: 0, killed: 45, not: 44, 'comes back': 0 };

/** Each start takes 10 s of the clock unless told otherwise. */
export function createServer(clock: Clock) {
  const server = {
    installed: true,
    manager: 'systemd-user' as Installation['manager'],
    unit: 'openclaw-gateway.service',
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
    /** How the gateway reacts to a stop. */
    stops: 'well' as 'well' | 'killed' | 'not' | 'comes back',
    /** Lines of what a stopped gateway has left behind. */
    leftovers: [] as string[],
    isStopped: false,
    /** Something answers as a gateway even while the service is stopped. */
    otherGateway: false,
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
    server.isStopped = false;
  };
  let stoppedAt = 0;
  const stop = () => {
    if (server.stops === 'not') return;
    server.isStopped = true;
    stoppedAt = clock.now();
  };
  const cameBack = () => server.stops === 'comes back' && clock.now() >= stoppedAt + 5_000;
  const check = () => {
    const { away } = server;
    if (away !== null && clock.now() >= away.fromMs && clock.now() < away.untilMs)
      throw new AppError('unreachable', 'The server does not answer.');
  };
  const isDown = () => server.isStopped && !cameBack();
  const isReady = () =>
    !isDown() && ['good', 'unhealthy'].includes(nature) && clock.now() >= startedAt + START_MS;
  const facts = (): ServiceFacts => ({
    manager: server.manager,
    unit: 'openclaw-gateway.service',
    activeState: isDown()
      ? 'inactive'
      : nature === 'fails'
        ? 'failed'
        : nature === 'crashes'
          ? 'activating'
          : 'active',
    subState: nature === 'crashes' ? 'auto-restart' : 'running',
    result: nature === 'fails' ? 'exit-code' : 'success',
    restarts: nature === 'crashes' ? Math.floor((clock.now() - startedAt) / 8_000) : 0,
    startLimitHit: false,
    pid: isDown() || nature === 'fails' ? null : 100 + generation,
    execMainStatus: null,
    uptimeS: 60,
    rssBytes: null,
  });

  const remoteRuns: RemoteRuns = {
    async start(_serverId, _run, { script }) {
      check();
      const [, command] = /echo "(Restarting|Killing|Starting|Stopping) \$unit/.exec(script) ?? [];
      const words = /^set -- '\/opt\/openclaw' '\/opt\/openclaw' (.*)$/m
        .exec(script)?.[1]
        ?.replaceAll("'", '');
      server.commands.push(command ?? words ?? script);
      if (command === 'Stopping') stop();
      else if (words !== undefined) return;
      else if (command !== 'Starting' || server.isStopped) start();
      server.onCommand();
    },
    async follow(_serverId, _run, { onOutput }) {
      await onOutput('After: ActiveState=active\n', 26);
      return { exitCode: server.commands.at(-1) === 'Stopping' ? stopExit[server.stops] : 0 };
    },
    cancel: async () => void server.commands.push('cancel'),
    remove: async () => undefined,
  };
  const tools: ServiceTools = {
    clock,
    remoteRuns,
    ssh: {
      async script(_serverId, script) {
        check();
        const stdout = script.startsWith('date')
          ? `${Math.floor(clock.now() / 1000)}\n`
          : [...server.leftovers, 'end', ''].join('\n');
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
          ...{ configPath: null, statePath: null },
          port: 18789,
          bind: null,
          authMode: null,
          manager: server.manager,
          unit: server.manager === 'none' ? null : server.unit,
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
        if (!isReady() && !server.otherGateway)
          throw new AppError('gateway_unavailable', 'The gateway does not answer.');
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
        if (server.otherGateway) return { status: 200, body: { ok: true } };
        if (isDown() || nature === 'crashes' || nature === 'fails')
          throw new AppError('gateway_unavailable', 'The gateway does not answer.');
        return isReady()
          ? { status: 200, body: { ready: true, failing: [] } }
          : { status: 503, body: { ready: false, failing: ['startup-sidecars'] } };
      },
    },
  };
  return { server, tools };
}
