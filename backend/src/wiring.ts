// Builds every module by hand, top to bottom: the map of who knows whom.
import path from 'node:path';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { createAccessStore } from './access/access.store.ts';
import { createAccess } from './access/access.ts';
import { buildApp } from './app.ts';
import type { Config } from './config.ts';
import { openDatabase } from './db/database.ts';
import { createDoor } from './http/authorize.ts';
import { createIdempotencyStore } from './http/idempotency.store.ts';
import { createIdempotency } from './http/idempotency.ts';
import { type Clock, systemClock } from './lib/clock.ts';
import { createGateways } from './openclaw/gateway/create-gateways.ts';
import { createHostFacts } from './openclaw/host-facts.ts';
import { createInstallations } from './openclaw/installation/create-installations.ts';
import { createRestartKind } from './openclaw/restart.ts';
import { createSnapshotStore } from './openclaw/snapshots.store.ts';
import { createOpenclawStatus } from './openclaw/status.ts';
import { authRoutes } from './routes/auth.ts';
import { healthRoutes } from './routes/health.ts';
import { openclawRoutes } from './routes/openclaw.ts';
import { serverRoutes } from './routes/servers.ts';
import { taskRoutes } from './routes/tasks.ts';
import { createObservations } from './servers/observations.ts';
import { createServerStore } from './servers/servers.store.ts';
import { createServers } from './servers/servers.ts';
import { createSshTargets } from './servers/ssh-targets.ts';
import { createTestServer } from './servers/test-server.ts';
import { createSsh } from './ssh/create-ssh.ts';
import { createEmbeddedEngine } from './tasks/embedded-engine.ts';
import { createRemoteRuns } from './tasks/remote-run.ts';
import { createTasksStore } from './tasks/tasks.store.ts';
import { createTasks } from './tasks/tasks.ts';
import { createSessionStore } from './users/sessions.store.ts';
import { createSignInStore } from './users/sign-in.store.ts';
import { createSignIn, type SignIn } from './users/sign-in.ts';
import { createTokens } from './users/tokens.ts';
import { createUserStore } from './users/users.store.ts';
import { createVault } from './vault/vault.ts';

/** How many check intervals an observation stays true: one may be missed, the second is a gap. */
const STALE_AFTER_INTERVALS = 3;

export type Buoy = {
  app: FastifyInstance;
  signIn: SignIn;
  /** Stops taking requests, lets running work go to where it can be resumed from, closes what is open. */
  close(): Promise<void>;
};

/**
 * @param options.webRoot the built web app; null serves the API alone
 * @throws when the database cannot be opened or the routes do not match the contract
 */
export async function wire(
  config: Config,
  logger: FastifyBaseLogger,
  options: { version: string; webRoot: string | null; clock?: Clock },
): Promise<Buoy> {
  const clock = options.clock ?? systemClock;
  const startedAt = clock.now();

  const database = await openDatabase(
    config.databaseUrl === null
      ? {
          engine: 'sqlite',
          file: path.join(config.dataDir, 'buoy.db'),
          onRescue: (message) => logger.error({ dataDir: config.dataDir }, message),
        }
      : { engine: 'postgres', url: config.databaseUrl },
  );
  const { db } = database;
  const vault = createVault(config.vaultKeys);

  // People
  const access = createAccess({ store: createAccessStore(db) });
  const signIn = createSignIn({
    users: createUserStore(db),
    sessions: createSessionStore(db),
    store: createSignInStore(db),
    tokens: await createTokens({ secret: config.jwtSecret, clock }),
    botToken: config.telegramBotToken,
    adminUserIds: config.adminUserIds,
    clock,
  });

  // The way to the servers
  const serverStore = createServerStore(db);
  const { observe } = createObservations({ store: serverStore, clock });
  const targets = createSshTargets({ store: serverStore, vault, observe, clock });
  const ssh = createSsh({ targets, clock, logger });

  // OpenClaw
  const installations = createInstallations({ ssh, clock, logger });
  const gateways = createGateways({ ssh, installations, clock, logger });
  const status = createOpenclawStatus({
    gateways,
    installations,
    ssh,
    snapshots: createSnapshotStore(db),
    observe,
    clock,
    logger,
  });

  // Tasks
  const taskStore = createTasksStore(database);
  const remoteRuns = createRemoteRuns({ ssh, clock });
  const tasks = createTasks({
    store: taskStore,
    engine: createEmbeddedEngine({ activeIds: () => taskStore.activeIds(), clock, logger }),
    kinds: [createRestartKind({ ssh, gateways, installations, remoteRuns, clock })],
    clock,
    logger,
  });

  const hostFacts = createHostFacts({ ssh });
  const servers = createServers({
    store: serverStore,
    access,
    vault,
    ssh,
    targets,
    testServer: createTestServer({ ssh, targets, hostFacts, status, observe }),
    onRouteChanged: (serverId) => {
      gateways.reset(serverId);
      installations.reset(serverId);
      ssh.reset(serverId);
    },
    beforeRemoval: (serverId) => tasks.cancelOnServer(serverId),
    clock,
    logger,
    staleAfterMs: config.monitorIntervalS * 1000 * STALE_AFTER_INTERVALS,
  });

  const app = await buildApp({
    routes: (self) => [
      ...healthRoutes({
        ping: database.ping,
        version: options.version,
        uptimeS: () => Math.round((clock.now() - startedAt) / 1000),
        document: () => self.swagger(),
      }),
      ...authRoutes({ signIn }),
      ...serverRoutes({ servers }),
      ...openclawRoutes({ status, tasks }),
      ...taskRoutes({ tasks, access }),
    ],
    door: createDoor({ signIn, access }),
    idempotency: createIdempotency({ store: createIdempotencyStore(db), vault, clock }),
    rateLimits: config.rateLimits,
    appDomain: config.appDomain,
    trustProxy: config.trustProxy,
    version: options.version,
    logger,
    webRoot: options.webRoot,
  });
  await tasks.open();

  return {
    app,
    signIn,
    async close() {
      await app.close();
      await tasks.close();
      await gateways.close();
      await ssh.close();
      await database.close();
    },
  };
}
