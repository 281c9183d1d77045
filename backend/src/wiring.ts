// Builds every module by hand, top to bottom: the map of all dependencies.
import path from 'node:path';
import { Server as TlsServer } from 'node:tls';
import { taskTypes } from '@buoy/contract';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { createAccessStore } from './access/access.store.ts';
import { createAccess } from './access/access.ts';
import { createInviteStore } from './access/invites.store.ts';
import { createInvites } from './access/invites.ts';
import { createMembers } from './access/members.ts';
import { createAlertNoteStore } from './alerts/alert-notes.store.ts';
import { createAlertNotes } from './alerts/alert-notes.ts';
import { createAlertStore } from './alerts/alerts.store.ts';
import { createAlerts } from './alerts/alerts.ts';
import { buildApp } from './app.ts';
import { createAuditStore } from './audit/audit.store.ts';
import { createAudit } from './audit/audit.ts';
import { chainKey } from './audit/chain.ts';
import { createChainAnchor } from './audit/chain-anchor.ts';
import { createRetentionStore } from './audit/retention.store.ts';
import { createAuditRetention } from './audit/retention.ts';
import { createBackups } from './backups/backups.ts';
import { createDailyBackup } from './backups/daily-backup.ts';
import { startBot } from './bot/bot.ts';
import { createClientAs } from './bot/client-as.ts';
import { createPositionStore } from './bot/positions.store.ts';
import { type Config, ConfigError } from './config.ts';
import { type ControlUiApp, createControlUiApp } from './dashboard-app.ts';
import { occupyDataDir } from './db/data-dir-lock.ts';
import { databaseSource, openDatabase } from './db/database.ts';
import type { FileLock } from './db/file-lock.ts';
import { createDetailedHealth } from './health/detailed-health.ts';
import { createEventLoopMeter } from './health/event-loop-meter.ts';
import { createDailyUsage } from './history/daily-usage.ts';
import { createHistoryStore } from './history/history.store.ts';
import { createHistory } from './history/history.ts';
import { createAuthorizer } from './http/authorize.ts';
import { createIdempotencyStore } from './http/idempotency.store.ts';
import { createIdempotency } from './http/idempotency.ts';
import { createOpenStreams } from './http/open-streams.ts';
import { createRepeatedCalls } from './http/repeated-calls.ts';
import { createTickets } from './http/tickets.ts';
import { createInbox } from './inbox/inbox.ts';
import { createLeaseStore } from './leases/leases.store.ts';
import { createLeases } from './leases/leases.ts';
import { isAppError } from './lib/app-error.ts';
import { type Clock, systemClock } from './lib/clock.ts';
import { eachAlone } from './lib/each-alone.ts';
import { createIsolatedWork } from './lib/isolated-work.ts';
import { createLoadThrottle } from './lib/load-throttle.ts';
import { createMaintenanceStore } from './maintenance/maintenance.store.ts';
import { createMaintenance } from './maintenance/maintenance.ts';
import { createMetrics } from './metrics/metrics.ts';
import { createCheckServer } from './monitor/check-server.ts';
import { followGateways } from './monitor/event-checks.ts';
import { createHealthProbe } from './monitor/health-probe.ts';
import { createHeartbeat } from './monitor/heartbeat.ts';
import { createMonitorStore } from './monitor/monitor.store.ts';
import { createMonitor } from './monitor/monitor.ts';
import { checkStaleAfterMs } from './monitor/staleness.ts';
import { createChannelStore } from './notify/channels.store.ts';
import { createDeliveryStore } from './notify/deliveries.store.ts';
import { createHeldBackStore } from './notify/held-back.store.ts';
import { createMonitorNoticeStore } from './notify/monitor-notices.store.ts';
import { createNotify } from './notify/notify.ts';
import { createOutboxStore } from './notify/outbox.store.ts';
import { createPrefsStore } from './notify/prefs.store.ts';
import { createNotificationPrefs } from './notify/prefs.ts';
import { createPublicRequest } from './notify/public-request.ts';
import { createReminderStore } from './notify/reminders.store.ts';
import { createOidcProvider } from './oidc/provider.ts';
import { createRevisionStore } from './openclaw/config/revisions.store.ts';
import { createControlUiAddress } from './openclaw/dashboard/address.ts';
import { createControlUiSessionStore } from './openclaw/dashboard/control-ui-sessions.store.ts';
import { createControlUi } from './openclaw/dashboard/dashboard.ts';
import { createGatewayTunnel } from './openclaw/dashboard/gateway-tunnel.ts';
import { createGateways } from './openclaw/gateway/create-gateways.ts';
import { createInstallations } from './openclaw/host/create-installations.ts';
import { createHostFacts } from './openclaw/host/host-facts.ts';
import { createPortGuard } from './openclaw/host/port-guard.ts';
import { createOpenclaw } from './openclaw/openclaw.ts';
import { createSnapshotStore } from './openclaw/reads/snapshots.store.ts';
import { createAutoRepairStore } from './repair/auto-repair.store.ts';
import { createAutoRepairs } from './repair/auto-repair.ts';
import { createRepair } from './repair/repair.ts';
import { createRolloutStore } from './rollouts/rollouts.store.ts';
import { createRollouts } from './rollouts/rollouts.ts';
import { createFindUpdateTarget } from './rollouts/update-target.ts';
import { accessRoutes } from './routes/access.ts';
import { adminRoutes } from './routes/admin.ts';
import { alertRoutes } from './routes/alerts.ts';
import { authRoutes } from './routes/auth.ts';
import { autoRepairRoutes } from './routes/auto-repair.ts';
import { healthRoutes } from './routes/health.ts';
import { historyRoutes } from './routes/history.ts';
import { inboxRoutes } from './routes/inbox.ts';
import { maintenanceRoutes } from './routes/maintenance.ts';
import { meRoutes } from './routes/me.ts';
import { notificationChannelRoutes } from './routes/notification-channels.ts';
import { oidcRoutes } from './routes/oidc.ts';
import { openclawRoutes } from './routes/openclaw.ts';
import { passkeyRoutes } from './routes/passkeys.ts';
import { rolloutRoutes } from './routes/rollouts.ts';
import { serverRoutes } from './routes/servers.ts';
import { setupRoutes } from './routes/setup.ts';
import { snapshotRoutes } from './routes/snapshots.ts';
import { statusPageRoutes } from './routes/status-pages.ts';
import { taskRoutes } from './routes/tasks.ts';
import { terminalRoutes } from './routes/terminal.ts';
import { thresholdRoutes } from './routes/thresholds.ts';
import { updatePolicyRoutes } from './routes/update-policies.ts';
import { sealedColumns } from './sealed-columns.ts';
import { createKeptSecretStore } from './secrets/kept-secrets.store.ts';
import { keptSecret, SNAPSHOT_FILES } from './secrets/kept-secrets.ts';
import { createRotateVaultKind, rotateVaultIfNeeded } from './secrets/rotate-vault.ts';
import { createSealedSecretStore } from './secrets/sealed-secrets.store.ts';
import {
  createSealedSecrets,
  KEYS_DO_NOT_OPEN,
  keysMissing,
  PUT_KEYS_BACK,
} from './secrets/sealed-secrets.ts';
import { createBackgroundTests } from './servers/background-tests.ts';
import { createHostCheck } from './servers/host-check.ts';
import { createJumpRules, createJumpServers } from './servers/jump-servers.ts';
import { createObservations } from './servers/observations.ts';
import { createServerStore } from './servers/servers.store.ts';
import { createServers } from './servers/servers.ts';
import { createSshTargets } from './servers/ssh-targets.ts';
import { createTestServer } from './servers/test-server.ts';
import { createSetup } from './setup/setup.ts';
import { createSetupSnapshotStore } from './setup/snapshots/snapshots.store.ts';
import { failedUpdatesIn, typesOfUpdates } from './setup/update/failed-updates.ts';
import { createAddressLookup } from './ssh/address-lookup.ts';
import { createAddressPolicy } from './ssh/address-policy.ts';
import { createSsh } from './ssh/create-ssh.ts';
import { createPrivateKeys } from './ssh/private-keys.ts';
import { createStatusPageStore } from './status-pages/status-pages.store.ts';
import { createStatusPages, createVisits } from './status-pages/status-pages.ts';
import { createVisitStore } from './status-pages/visits.store.ts';
import { createEmbeddedEngine } from './tasks/embedded-engine.ts';
import { createRemoteRuns } from './tasks/remote-run.ts';
import { createTasksStore } from './tasks/tasks.store.ts';
import { createTasks } from './tasks/tasks.ts';
import { createTelegramProvider } from './telegram/login-provider.ts';
import { createTerminals } from './terminal/terminals.ts';
import { createThresholdStore } from './thresholds/thresholds.store.ts';
import { createThresholds } from './thresholds/thresholds.ts';
import { openTlsFiles } from './tls-files.ts';
import { createUpdatePolicyStore } from './update-policies/update-policies.store.ts';
import { createUpdatePolicies } from './update-policies/update-policies.ts';
import { createAccessRequestStore } from './users/access-requests.store.ts';
import { createAdmission } from './users/admission.ts';
import { createApiTokenStore } from './users/api-tokens.store.ts';
import { createApiTokens } from './users/api-tokens.ts';
import { createAuthentication } from './users/authentication.ts';
import { createChatSignIns } from './users/chat-sign-ins.ts';
import { createDeviceLoginStore } from './users/device-login.store.ts';
import { createDeviceLogins } from './users/device-login.ts';
import { createOidcIdentityStore } from './users/oidc-identities.store.ts';
import { createOidcLogins } from './users/oidc-login.ts';
import { createPasskeyStore } from './users/passkeys.store.ts';
import { createPasskeys } from './users/passkeys.ts';
import { createPeopleStore } from './users/people.store.ts';
import { createPeople } from './users/people.ts';
import { createSessionRetentionStore } from './users/session-retention.store.ts';
import { createSessionRetention } from './users/session-retention.ts';
import { createSessionStore } from './users/sessions.store.ts';
import { createSignInStore } from './users/sign-in.store.ts';
import { createSignIn } from './users/sign-in.ts';
import { createChallengeStore } from './users/sign-in-challenges.store.ts';
import { createSignInLinks, type SignInLinks } from './users/sign-in-links.ts';
import { createTelegramLoginStore } from './users/telegram-login.store.ts';
import { createTelegramLogins } from './users/telegram-login.ts';
import { createTokens } from './users/tokens.ts';
import { createUserPresenter } from './users/user.presenter.ts';
import { createUserStore } from './users/users.store.ts';
import { createVault } from './vault/vault.ts';

export type Buoy = {
  app: FastifyInstance;
  /** OpenClaw's own web interface, on an origin of its own. */
  controlUi: ControlUiApp;
  signInLinks: SignInLinks;
  /** Stops taking requests, lets running work go to where it can be resumed from, closes what is open. */
  close(): Promise<void>;
};

type Options = { version: string; webRoot: string | null; clock?: Clock };

/**
 * @param options.webRoot the built web app; null serves the API alone
 * @throws when DATA_DIR is in use, the database cannot be opened or the routes do not match the contract
 */
export async function wire(config: Config, logger: FastifyBaseLogger, options: Options): Promise<Buoy> {
  // Before all else: two that know nothing of each other would both take over the tasks that are there.
  const dataDirLock = occupyDataDir(config.dataDir, config.databaseUrl === null);
  try {
    return await wireWithin(dataDirLock, config, logger, options);
  } catch (error) {
    dataDirLock.release();
    throw error;
  }
}

async function wireWithin(
  dataDirLock: FileLock,
  config: Config,
  logger: FastifyBaseLogger,
  options: Options,
): Promise<Buoy> {
  const clock = options.clock ?? systemClock;
  const startedAt = clock.now();
  const uptimeS = () => Math.round((clock.now() - startedAt) / 1000);
  // Before anything is opened: a bad file stops the start.
  const tlsFiles = config.tls === null ? null : openTlsFiles(config.tls, { clock, logger });
  const monitorIntervalMs = config.monitorIntervalS * 1000;
  const metrics = createMetrics({ version: options.version, clock, logger });

  const database = await openDatabase({
    ...databaseSource(config),
    onRescue: (message) => logger.error({ dataDir: config.dataDir }, message),
  });
  const { db } = database;
  const vault = createVault(config.vaultKeys);
  const sealedSecrets = createSealedSecrets({
    columns: sealedColumns,
    store: createSealedSecretStore(db),
    vault,
  });
  const missingKeys = await sealedSecrets.lacking();
  if (missingKeys.length > 0) logger.error({ missingKeys }, `${keysMissing(missingKeys)} ${PUT_KEYS_BACK}`);

  const ownSecret = (name: string): Promise<Buffer> =>
    keptSecret(name, { store: createKeptSecretStore(db), vault, clock }).catch((cause: unknown) => {
      if (missingKeys.length > 0)
        throw new ConfigError(`${keysMissing(missingKeys)} ${PUT_KEYS_BACK}`, { cause });
      if (!isAppError(cause, 'internal')) throw cause;
      throw new ConfigError(KEYS_DO_NOT_OPEN, { cause });
    });

  // What was done
  const auditStore = createAuditStore(db);
  const auditKey = chainKey(await ownSecret('audit-chain'));
  const requestSecret = await ownSecret('idempotent-requests');
  const anchor = createChainAnchor({
    file: path.join(config.dataDir, 'audit-head'),
    stands: (entry) => auditStore.stands(auditKey, entry),
    clock,
    logger,
  });
  const audit = createAudit({ store: auditStore, key: auditKey, anchor, clock });
  const auditRetention = createAuditRetention({
    audit,
    entries: auditStore,
    store: createRetentionStore(db),
    key: auditKey,
    days: config.auditRetentionDays,
    clock,
    logger,
  });

  // People
  const grants = createAccessStore(db);
  const userStore = createUserStore(db);
  const presentUser = createUserPresenter(config);
  const admission = createAdmission({
    users: userStore,
    requests: createAccessRequestStore(database),
    present: presentUser,
    clock,
  });
  const people = createPeople({
    users: userStore,
    store: createPeopleStore(database),
    present: presentUser,
    adminUserIds: config.adminUserIds,
    onDisabled: (userId) => {
      visits.forget();
      return eachAlone(
        logger,
        { userId },
        {
          'stop the rollouts of a disabled person': () => rollouts.stopOf(userId),
          'cancel the queued tasks of a disabled person': () => tasks.cancelQueuedOf(userId, null),
          'switch off the automatic repairs of a disabled person': () => autoRepairs.endOfPerson(userId),
          'close the connections of a disabled person': () => jumpServers.ownerDisabled(userId),
        },
      );
    },
    clock,
  });
  const access = createAccess({ store: grants, isSuperAdmin: people.isSuperAdmin });
  const members = createMembers({
    store: grants,
    isSuperAdmin: people.isSuperAdmin,
    serversPerUser: config.limits.serversPerUser,
    endMaintenanceOf: (serverId, userId) => maintenance.endOf(serverId, userId),
    onChanged: (serverId, userId) => {
      visits.forget();
      return eachAlone(
        logger,
        { serverId, userId },
        {
          async 'cancel the queued tasks of a former admin'() {
            if (!(await access.isAdmin(userId, serverId))) await tasks.cancelQueuedOf(userId, serverId);
          },
          'switch off the automatic repair of a former admin': () => autoRepairs.endOf(serverId, userId),
          'close the connections that relied on a role': () => jumpServers.accessChanged(serverId),
        },
      );
    },
    clock,
  });
  const signIn = createSignIn({
    users: userStore,
    sessions: createSessionStore(db),
    store: createSignInStore(db),
    tokens: await createTokens({ secrets: config.jwtSecrets, clock }),
    botToken: config.telegramBotToken,
    present: presentUser,
    admission,
    sessionMaxDays: config.sessionMaxDays,
    commands: config.commands,
    clock,
  });
  const sessionRetention = createSessionRetention({ store: createSessionRetentionStore(db), clock, logger });
  const signInLinks = createSignInLinks({
    store: createSignInStore(db),
    users: userStore,
    present: presentUser,
    appDomain: config.appDomain,
    hasBot: config.telegramBotToken !== null,
    clock,
  });
  const apiTokens = createApiTokens({
    store: createApiTokenStore(db),
    presentUser,
    clock,
  });
  const chatSignIns = createChatSignIns({ users: userStore, presentUser });
  const deviceLogins = createDeviceLogins({
    store: createDeviceLoginStore(database),
    signIn,
    appDomain: config.appDomain,
    clock,
  });
  const telegramLogins = createTelegramLogins({
    store: createTelegramLoginStore(db),
    provider:
      config.telegramLogin === null ? null : createTelegramProvider({ ...config.telegramLogin, clock }),
    signIn,
    appDomain: config.appDomain,
    clock,
  });
  const challenges = createChallengeStore(db);
  const passkeys = createPasskeys({
    store: createPasskeyStore(db),
    challenges,
    signIn,
    appDomain: config.appDomain,
    clock,
  });
  const oidcLogins = createOidcLogins({
    challenges,
    identities: createOidcIdentityStore(db),
    provider: config.oidc === null ? null : createOidcProvider(config.oidc),
    signIn,
    appDomain: config.appDomain,
    clock,
  });
  const invites = createInvites({
    store: createInviteStore(db),
    grants,
    signIn,
    isSuperAdmin: people.isSuperAdmin,
    appDomain: config.appDomain,
    clock,
  });
  const notificationPrefs = createNotificationPrefs({ store: createPrefsStore(db), clock });

  // What people upload
  const isolatedWork = createIsolatedWork({ clock });

  // The way to the servers
  const serverStore = createServerStore(db);
  const jumpRules = createJumpRules({ store: serverStore, access });
  const observations = createObservations({ store: serverStore, barred: jumpRules.barred, clock });
  const { observe } = observations;
  const targets = createSshTargets({
    store: serverStore,
    access,
    vault,
    jumpRules,
    observe,
    clock,
  });
  const addressPolicy = createAddressPolicy(config.sshDeniedNetworks);
  const lookup = createAddressLookup({ clock });
  const privateKeys = createPrivateKeys({ isolatedWork });
  const ssh = createSsh({
    targets,
    privateKeys,
    addressPolicy,
    lookup,
    clock,
    logger,
    observe: metrics.observe.ssh,
  });

  // OpenClaw
  const installations = createInstallations({ ssh, clock, logger });
  const portGuard = createPortGuard({ ssh, clock });
  // One that is gone has no owner, and no connection for long.
  const ownerOf = async (serverId: string) => (await access.ownerIdOf(serverId)) ?? serverId;
  const gateways = createGateways({
    ssh,
    installations,
    portGuard,
    ownerOf,
    clock,
    logger,
    observe: metrics.observe.gateways,
  });
  const remoteRuns = createRemoteRuns({ ssh, clock });
  const openclaw = createOpenclaw({
    ssh,
    gateways,
    ownerOf,
    installations,
    remoteRuns,
    isolatedWork,
    snapshots: createSnapshotStore(db),
    configRevisions: createRevisionStore(db),
    observe,
    clock,
    logger,
  });

  // OpenClaw's own web interface
  const controlUiAddress = createControlUiAddress({
    domain: config.controlUiDomain,
    appDomain: config.appDomain,
    isTls: tlsFiles !== null,
    port: () => controlUiApp.port() ?? config.controlUiPort ?? config.port + 1,
  });
  const controlUi = createControlUi({
    store: createControlUiSessionStore(db),
    signIn,
    access,
    installations,
    targets,
    address: controlUiAddress,
    appDomain: config.appDomain,
    clock,
  });
  const controlUiApp = createControlUiApp({
    controlUi,
    address: controlUiAddress,
    gatewayTunnel: createGatewayTunnel({ ssh, installations, portGuard, clock }),
    refusalsPerMinute: config.rateLimits.global,
    trustProxy: config.trustProxy,
    tls: tlsFiles?.current() ?? null,
    clock,
    logger,
  });

  // Tasks
  const updatePolicies = createUpdatePolicies({ store: createUpdatePolicyStore(database), clock });
  const rolloutStore = createRolloutStore(database);
  const taskStore = createTasksStore(database);
  const setup = createSetup({
    ...{ ssh, gateways, remoteRuns, installations, openclaw, updatePolicies, access, clock },
    updateTarget: createFindUpdateTarget({ store: rolloutStore, updatePolicies, clock }),
    snapshotStore: createSetupSnapshotStore(db),
    fileSecret: await ownSecret(SNAPSHOT_FILES),
    isDisabled: grants.isDisabled,
    addressOf: serverStore.addressOf,
    probeGateway: (serverId, path, options) => gateways.probe(serverId, path, options),
    downloads: config.downloads,
    ollamaInstallUrl: config.ollamaInstallUrl,
    downloadFolder: path.join(config.dataDir, 'downloads'),
    ...{ lookup, isolatedWork },
    onInstalled(serverId) {
      installations.reset(serverId);
      gateways.reset(serverId);
    },
  });
  const tasks = createTasks({
    store: taskStore,
    engine: createEmbeddedEngine({ queue: taskStore.queue, clock, logger }),
    kinds: [...openclaw.taskKinds, ...setup.taskKinds, createRotateVaultKind(sealedSecrets)],
    mayStart: access.isActiveAdmin,
    vault,
    clock,
    logger,
    observe: {
      ended(task) {
        metrics.observe.tasks.ended(task);
        if (task.type === taskTypes.updateComponent) rollouts.updateEnded();
      },
      endedOn(serverId, type) {
        if (typesOfUpdates.includes(type)) monitor.checkUpdates(serverId);
        void autoRepairs.wake();
      },
    },
  });

  const hostFacts = createHostFacts({ ssh });
  /** Only this process's connections: another Buoy on the same database asks for the right when it connects. */
  const onRouteChanged = (serverId: string): void => {
    gateways.reset(serverId);
    installations.reset(serverId);
    ssh.reset(serverId);
  };
  const jumpServers = createJumpServers({
    store: serverStore,
    access,
    rules: jumpRules,
    observe,
    onRouteChanged,
    logger,
  });
  const maintenance = createMaintenance({
    store: createMaintenanceStore(database),
    onChange() {
      visits.forget();
      notify.dispatcher.wake();
    },
    clock,
    logger,
  });
  const thresholds = createThresholds({ store: createThresholdStore(database), clock });
  const throttle = createLoadThrottle({ clock });
  const backgroundTests = createBackgroundTests({ throttle });
  const servers = createServers({
    store: serverStore,
    access,
    maintenance,
    thresholds,
    vault,
    ssh,
    privateKeys,
    targets,
    jumpServers,
    testServer: createTestServer({
      ssh,
      targets,
      hostFacts,
      installations,
      status: openclaw.status,
      observe,
      backgroundTests,
    }),
    checkHost: createHostCheck({ policy: addressPolicy, lookup, clock }),
    onRouteChanged,
    onMove: (serverId) => tasks.failMoved(serverId),
    beforeRemoval: (serverId) => tasks.cancelOnServer(serverId),
    clock,
    logger,
    staleAfterMs: checkStaleAfterMs(monitorIntervalMs),
    serversPerUser: config.limits.serversPerUser,
  });

  const rollouts = createRollouts({
    ...{ servers, access, tasks, updatePolicies, audit, clock, logger },
    store: rolloutStore,
    newestVersion: setup.newestOpenclaw,
    mayUpdate: access.isActiveAdmin,
  });
  const terminals = createTerminals({ servers, ssh, clock });
  const tickets = createTickets({ clock });
  const repeatedCalls = createRepeatedCalls({ audit, clock, logger });
  const openStreams = createOpenStreams(config.limits);

  // What waits for people
  const inbox = createInbox({
    servers,
    pairing: openclaw.pairing,
    approvals: openclaw.approvals,
    accessRequests: admission,
    clock,
    logger,
  });

  // What was
  const history = createHistory({
    store: createHistoryStore(db),
    dailyUsage: createDailyUsage({
      ask: async (serverId, day, signal) =>
        (await openclaw.usage.read(serverId, { from: day, to: day }, { signal })).usage,
      clock,
    }),
    isInMaintenance: async (serverId) => (await maintenance.active(serverId)).size > 0,
    intervalMs: monitorIntervalMs,
    clock,
  });

  // What visitors see
  const visits = createVisits({
    ...{ store: createVisitStore(db), history, clock, logger },
    staleAfterMs: checkStaleAfterMs(monitorIntervalMs),
  });
  // New tags, names and removals count at once; what checks see may be some seconds old.
  serverStore.onChange((isState) => {
    if (!isState) visits.forget();
  });
  const statusPages = createStatusPages({
    ...{ store: createStatusPageStore(database), visits, appDomain: config.appDomain, clock },
    secret: await ownSecret('status-pages'),
  });

  // What is wrong
  const alertStore = createAlertStore(db);
  const notify = createNotify({
    ...{ config, addressPolicy, lookup, vault, clock, logger },
    channelStore: createChannelStore(database),
    outboxStore: createOutboxStore(db),
    deliveryStore: createDeliveryStore(db),
    heldBackStore: createHeldBackStore(db),
    reminderStore: createReminderStore(db),
    monitorNoticeStore: createMonitorNoticeStore(db, [...config.adminUserIds]),
    monitorIntervalMs,
    endSnoozes: alertStore.endSnoozes,
    settleMaintenance: maintenance.settle,
    isAlone: database.dialect === 'sqlite',
    async mayAddServers(userId) {
      const row = await userStore.find(userId);
      return row !== undefined && presentUser(row).mayAddServers;
    },
    prefs: notificationPrefs,
    webPushSecret: await ownSecret('web-push'),
  });
  const leases = createLeases({
    store: createLeaseStore(db),
    isAlone: database.dialect === 'sqlite',
    clock,
    logger,
  });
  const autoRepairs = createAutoRepairs({
    ...{ tasks, maintenance, audit, clock, logger, store: createAutoRepairStore(db) },
    mayRepair: access.isActiveAdmin,
    onEvent: notify.dispatcher.wake,
  });
  const alerts = createAlerts({
    ...{ store: alertStore, access, clock },
    onEvent() {
      notify.dispatcher.wake();
      void autoRepairs.wake();
    },
  });
  const alertNotes = createAlertNotes({
    ...{ store: createAlertNoteStore(db), findAlert: alertStore.find, access, clock },
  });
  const failedUpdates = async (serverId: string) =>
    failedUpdatesIn(await tasks.lastEnded(serverId, typesOfUpdates));
  const repair = createRepair({
    ...{ openclaw, snapshots: setup.snapshots, tasks, failedUpdates, access, clock },
  });
  // Whoever sets the URL runs the machine: nothing is denied.
  const operatorRequest = createPublicRequest({
    ...{ policy: { isDenied: () => false }, mayReachPrivate: async () => true, lookup },
  });
  const heartbeat =
    config.heartbeatUrl === null
      ? null
      : createHeartbeat({
          ...{ url: config.heartbeatUrl, clock, logger },
          request: (url, signal) =>
            operatorRequest(url, {
              ...{ method: 'GET', headers: { 'user-agent': 'Buoy' }, enteredBy: 'HEARTBEAT_URL', signal },
            }),
        });
  const monitor = createMonitor({
    store: createMonitorStore(db),
    check: createCheckServer({
      probe: createHealthProbe({ openclaw, clock, logger }),
      alerts,
      history,
      thresholds,
      failedUpdates,
      isServiced: async (serverId) => (await tasks.busy(taskTypes.restart, [serverId])).size > 0,
      clock,
      logger,
    }),
    alerts,
    failedUpdates,
    ssh,
    onRoundEnded() {
      heartbeat?.send();
      notify.monitorWatch.wake();
    },
    intervalMs: monitorIntervalMs,
    throttle,
    maxAtOnce: config.monitorConcurrency,
    clock,
    logger,
  });
  observations.onStateChange(monitor.checkOnEvent);
  followGateways(gateways, monitor.checkOnEvent);

  // What is left when the machine is gone
  const backups = createBackups({
    copies: database.copies,
    folder: path.join(config.dataDir, 'backups'),
    keep: config.backupKeep,
    version: options.version,
    clock,
    logger,
  });
  const dailyBackup = createDailyBackup({ backups, audit, at: config.backupAt, clock, logger });

  // How Buoy itself is
  const eventLoop = createEventLoopMeter(clock);
  const detailedHealth = createDetailedHealth({
    version: options.version,
    uptimeS,
    database,
    eventLoop,
    servers,
    monitor,
    monitorIntervalMs,
    tasks,
    backups: backups.state,
    vault: { keyIds: vault.keyIds, outdated: async () => (await sealedSecrets.overview()).outdated },
    telegramConfigured: config.telegramBotToken !== null,
    clock,
    logger,
  });
  metrics.collectFrom({
    ...{ ssh, gateways, servers, alerts, monitor, notify, tasks, database, backups, clock },
  });

  const app = await buildApp({
    routes: (_app, document) => [
      ...healthRoutes({
        ping: database.ping,
        version: options.version,
        uptimeS,
        document,
      }),
      ...authRoutes({
        signIn,
        deviceLogins,
        telegramLogins,
        passkeys,
        oidcLogins,
        allowInsecureHttp: config.allowInsecureHttp,
        commands: config.commands,
      }),
      ...oidcRoutes({ oidcLogins }),
      ...passkeyRoutes({ passkeys }),
      ...meRoutes({ signIn, signInLinks, people, apiTokens, notificationPrefs }),
      ...notificationChannelRoutes(notify.channels),
      ...serverRoutes({ servers }),
      ...terminalRoutes({ terminals, tickets, openStreams }),
      ...accessRoutes({ members, invites, servers }),
      ...openclawRoutes({ openclaw, controlUi, repair, tasks }),
      ...setupRoutes({ setup, tasks }),
      ...snapshotRoutes({ snapshots: setup.snapshots, tasks }),
      ...rolloutRoutes(rollouts),
      ...updatePolicyRoutes(updatePolicies),
      ...inboxRoutes(inbox),
      ...taskRoutes({ tasks, access }),
      ...alertRoutes({ alerts, alertNotes, monitor, servers }),
      ...autoRepairRoutes(autoRepairs),
      ...maintenanceRoutes(maintenance),
      ...thresholdRoutes(thresholds),
      ...historyRoutes({ history, access }),
      ...statusPageRoutes({ statusPages, visits }),
      ...adminRoutes({ audit, repeatedCalls, tasks, detailedHealth, people, signInLinks, metrics, backups }),
    ],
    authorizer: createAuthorizer({
      authentication: createAuthentication({ signIn, apiTokens, chatSignIns }),
      access,
    }),
    audit,
    repeatedCalls,
    watchSending: ssh.watchSending,
    idempotency: createIdempotency({
      store: createIdempotencyStore(db),
      vault,
      secret: requestSecret,
      clock,
    }),
    rateLimits: config.rateLimits,
    personOfCookie: signIn.personOfCookie,
    tickets,
    openStreams,
    clock,
    appDomain: config.appDomain,
    controlUiFormTarget: controlUiAddress.formTarget,
    trustProxy: config.trustProxy,
    tls: tlsFiles?.current() ?? null,
    allowInsecureHttp: config.allowInsecureHttp,
    version: options.version,
    logger,
    observe: metrics.observe.http,
    webRoot: options.webRoot,
  });
  const stopFollowingTls = tlsFiles?.follow((pair) => {
    if (app.server instanceof TlsServer) app.server.setSecureContext(pair);
    controlUiApp.serveTls(pair);
  });
  await people.enableConfigured(audit);
  await tasks.open();
  rollouts.start();
  await rotateVaultIfNeeded({ sealedSecrets, tasks, audit, logger });
  await dailyBackup.start();
  monitor.start();
  autoRepairs.start();
  notify.dispatcher.start();
  notify.monitorWatch.start();
  const bot =
    config.telegramBotToken === null
      ? null
      : startBot({
          botToken: config.telegramBotToken,
          apiRoot: config.telegramApiRoot,
          appUrl: config.appDomain === null ? null : `https://${config.appDomain}`,
          clientAs: createClientAs({ app, chatSignIns }),
          isAdmitted: chatSignIns.isAdmitted,
          channels: notify.channels,
          leases,
          positions: createPositionStore(db),
          clock,
          logger,
        });
  auditRetention.start();
  sessionRetention.start();

  return {
    app,
    controlUi: controlUiApp,
    signInLinks,
    async close() {
      stopFollowingTls?.();
      backgroundTests.close();
      // Its answers are calls of the application.
      await bot?.close();
      // A backup that is under way would keep the call open that waits for it.
      await Promise.all([
        dailyBackup.stop(),
        backups.close(),
        monitor.close(),
        notify.dispatcher.close(),
        notify.monitorWatch.close(),
        heartbeat?.close(),
        rollouts.close(),
        autoRepairs.close(),
        auditRetention.close(),
        sessionRetention.close(),
        app.close(),
        controlUiApp.close(),
      ]);
      await repeatedCalls.close();
      eventLoop.close();
      await tasks.close();
      openclaw.events.close();
      await openclaw.configWatch.close();
      await gateways.close();
      await ssh.close();
      await isolatedWork.close();
      await anchor.close();
      await database.close();
      dataDirLock.release();
    },
  };
}
