// The status fixture: a scripted gateway on loopback and a scripted host.
import { AppError } from '../../lib/app-error.ts';
import { systemClock } from '../../lib/clock.ts';
import { createRecordingLogger } from '../../lib/testing/recording-logger.ts';
import { createGateways } from '../gateway/create-gateways.ts';
import type { Gateways } from '../gateway/gateways.ts';
import { startScriptedGateway } from '../gateway/testing/scripted-gateway.ts';
import { createCli } from '../host/cli.ts';
import { createInstallations } from '../host/create-installations.ts';
import type { SnapshotStore } from '../reads/snapshots.store.ts';
import type { Observation } from '../status/observation.ts';
import { createOpenclawStatus, type OpenclawStatusReader } from '../status/status.ts';
import { createLoopbackSsh } from './loopback-ssh.ts';
import { openPort } from './open-port.ts';
import { configOn, inspectionOf, runningHost } from './running-host.ts';
import { createSnapshotsInMemory } from './snapshots-in-memory.ts';

export type StatusFixture = Awaited<ReturnType<typeof createStatusFixture>>;

/** A healthy server right after the start of Buoy; tests change what they need. */
export async function createStatusFixture() {
  const gateway = await startScriptedGateway();
  const ssh = createLoopbackSsh();
  const snapshots = createSnapshotsInMemory();
  let gateways: Gateways;

  const fixture = {
    gateway,
    ssh,
    snapshots,
    status: undefined as unknown as OpenclawStatusReader,
    observations: [] as Observation[],
    /** How many snapshots were stored. */
    puts: 0,
    /** Method → how often it was called. */
    asked: {} as Record<string, number>,
    /** What inspect.sh prints besides the config. */
    host: { ...runningHost } as Record<string, string | number>,
    /** openclaw.json of the host. */
    config: configOn(gateway.port) as Record<string, unknown>,
    cliAnswer: (() => new Promise(() => {})) as (words: readonly string[]) => Promise<string> | string,
    /** The gateway's log. */
    journal: [] as string[],
    storeFails: false,
    /** Milliseconds by which the reader's clock is ahead. */
    laterMs: 0,
    /** A Buoy that has just started. */
    start(): void {
      const { logger } = createRecordingLogger();
      const installations = createInstallations({ ssh, clock: systemClock, logger });
      gateways = createGateways({
        portGuard: openPort,
        ownerOf: async () => 'ada',
        ssh,
        installations,
        clock: systemClock,
        logger,
      });
      const kept: SnapshotStore = {
        ...snapshots,
        async put(...snapshot) {
          if (fixture.storeFails) throw new AppError('storage_full', 'The disk is full.');
          fixture.puts += 1;
          await snapshots.put(...snapshot);
        },
      };
      fixture.status = createOpenclawStatus({
        gateways,
        installations,
        ssh,
        cli: createCli({ ssh, installations, clock: systemClock }),
        snapshots: kept,
        observe: (_serverId, observation) => void fixture.observations.push(observation),
        clock: { ...systemClock, now: () => Date.now() + fixture.laterMs },
        logger,
      });
    },
    /** Buoy stops; the server and the stored data stay. */
    async stop(): Promise<void> {
      await gateways.close();
    },
    async close(): Promise<void> {
      await gateways.close();
      await gateway.stop();
    },
    answer(method: string, payload: unknown): void {
      gateway.methods[method] = () => {
        fixture.asked[method] = (fixture.asked[method] ?? 0) + 1;
        return { payload };
      };
    },
    /** The state of the gateway's unit, with no process. */
    unit(activeState: string, subState: string, more: Record<string, string | number> = {}): void {
      Object.assign(fixture.host, {
        'unit.ActiveState': activeState,
        'unit.SubState': subState,
        pid: '',
        ...more,
      });
    },
  };

  fixture.answer('system.info', {
    port: gateway.port,
    pid: 76,
    uptimeMs: 599_718,
    processMemory: { rssBytes: 732_733_440 },
    memoryTotalBytes: 8_000,
    memoryFreeBytes: 5_000,
    diskTotalBytes: 9_000,
    diskAvailableBytes: 4_000,
  });
  fixture.answer('agents.list', { defaultId: 'main', agents: [{ id: 'main' }, { id: 'sales' }] });
  fixture.answer('sessions.list', { count: 1, totalCount: 17, sessions: [{}] });
  fixture.answer('channels.status', { channelOrder: [], channels: {}, channelAccounts: {} });
  fixture.answer('update.status', { updateAvailable: null });
  ssh.onScript = (args) =>
    args[0] === 'all' || args[0] === 'service'
      ? inspectionOf(fixture.config, fixture.host)
      : args[0] === 'systemd-user'
        ? ['from=journal', ...fixture.journal].join('\n')
        : fixture.cliAnswer(args.slice(2));
  fixture.start();
  return fixture;
}
