// The managed servers: access, connection settings and direct calls.
import {
  type Role,
  role,
  type Server,
  type ServerChange,
  type ServerState,
  serverState,
  type TestResult,
} from '@buoy/contract';
import type { Access } from '../access/access.ts';
import type { AuditRecorder } from '../audit/audit-recorder.ts';
import { inOrder, type TransactionHook } from '../db/transaction-hook.ts';
import { AppError, isAppError } from '../lib/app-error.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { Maintenance } from '../maintenance/maintenance.ts';
import { NO_HOST_KEY } from '../ssh/host-key.ts';
import type { PrivateKeys } from '../ssh/private-keys.ts';
import { quote } from '../ssh/quote.ts';
import type { ExecResult, HostKey, OnOutput, Ssh, SshTargets } from '../ssh/ssh.ts';
import type { ThresholdsFeature } from '../thresholds/thresholds.ts';
import { type Caller, type CallerNow, countedPerson } from '../users/caller.ts';
import type { Vault } from '../vault/vault.ts';
import { checkMayAdd, checkMayMove, createAddServer } from './add-server.ts';
import { openCredential, sealCredential } from './credential.ts';
import { type CheckKey, changedCredential } from './credential-change.ts';
import { type ExecEvent, execEvents } from './exec-events.ts';
import type { HostCheck } from './host-check.ts';
import { createHostKeys } from './host-keys.ts';
import type { JumpServers } from './jump-servers.ts';
import { listPage, type ServerListFilter } from './list-page.ts';
import {
  bindingOf,
  bringsSecret,
  checkHostKey,
  checkMove,
  deciderOf,
  isEntitled,
  isRebound,
  isSameAddress,
} from './secret-takeover.ts';
import { noMaintenance, presentServer } from './server.presenter.ts';
import { changedColumns, isIn, leadsElsewhere, movedBy } from './server-change.ts';
import { type ServerListEvent, serverEvents } from './server-events.ts';
import { createServerListWatch, type SharedServer } from './server-list.ts';
import type { ListedServerRow, ServerRow, ServerStore } from './servers.store.ts';
import type { TestServer } from './test-server.ts';

export type ServersOverview = { servers: number; stale: number; byState: Record<ServerState, number> };

type ExecInput = {
  command?: string | undefined;
  argv?: string[] | undefined;
  stdin?: string | undefined;
  timeoutS: number;
};

export type Servers = ReturnType<typeof createServers>;

export function createServers(parts: {
  store: ServerStore;
  access: Access;
  maintenance: Pick<Maintenance, 'active'>;
  thresholds: Pick<ThresholdsFeature, 'inherit'>;
  vault: Vault;
  ssh: Ssh;
  privateKeys: Pick<PrivateKeys, 'check'>;
  targets: SshTargets;
  jumpServers: JumpServers;
  testServer: TestServer;
  checkHost: HostCheck;
  /** Called when a server's connection settings have changed or it is deleted: kept connections to it must close. */
  onRouteChanged: (serverId: string) => void;
  /** What a server's move to another place, login or host key ends, for the server and those behind it. See `Tasks.failMoved`. */
  onMove: (serverId: string) => { also: TransactionHook; stored(): void };
  /** Called before a server's record is deleted: stops everything that runs for it. */
  beforeRemoval: (serverId: string) => Promise<void>;
  clock: Clock;
  logger: Logger;
  /** Milliseconds after which an observation is outdated. */
  staleAfterMs: number;
  /** The most servers that a person may have added who is not a super-admin. */
  serversPerUser: number;
}) {
  const {
    store,
    access,
    maintenance,
    thresholds,
    vault,
    ssh,
    privateKeys,
    targets,
    jumpServers,
    testServer,
    checkHost,
    onRouteChanged,
    onMove,
    beforeRemoval,
    clock,
    logger,
    staleAfterMs,
    serversPerUser,
  } = parts;

  const hostKeys = createHostKeys({ ssh, targets, jumpServers });

  const findRow = async (id: string): Promise<ServerRow> => {
    const row = await store.find(id);
    if (row === undefined) throw new AppError('not_found', 'There is no such server.');
    return row;
  };

  const present = (row: ListedServerRow, callerRole: Role, inMaintenance = noMaintenance): Server =>
    presentServer(row, callerRole, inMaintenance.get(row.id) ?? null, { nowMs: clock.now(), staleAfterMs });

  /** All that the caller sees, by name. */
  const visibleTo = async (caller: Caller): Promise<Server[]> => {
    const rows = await store.list(caller.user.isSuperAdmin ? null : caller.user.id);
    const inMaintenance = await maintenance.active();
    return rows.map((row) => present(row, role.parse(row.role), inMaintenance));
  };

  const listWatch = createServerListWatch({
    async read(userIds) {
      const [rows, grants] = [await store.list(null), await store.listRoles(userIds)];
      const inMaintenance = await maintenance.active();
      return {
        servers: rows.map((row): SharedServer => {
          const { role: _, ...shared } = present(row, 'owner', inMaintenance);
          return shared;
        }),
        grants: grants.map((grant) => ({ ...grant, role: role.parse(grant.role) })),
      };
    },
    onChange: store.onChange,
    clock,
  });

  const findFor = async (caller: Caller, id: string): Promise<Server> => {
    const callerRole = await access.roleOf(caller.user, id);
    if (callerRole === null) throw new AppError('not_found', 'There is no such server.');
    return present(await findRow(id), callerRole, await maintenance.active(id));
  };

  const mayMoveSecret = async (caller: Caller, row: ServerRow): Promise<boolean> =>
    isEntitled(row, await access.ownerIdOf(row.id), caller);

  /** `onMove`, and in the same transaction: secrets of other people behind the server go to no machine that nobody has seen yet. */
  const moveBy = (caller: Caller, id: string): ReturnType<typeof onMove> => {
    const { also, stored } = onMove(id);
    const change = { noHostKey: NO_HOST_KEY, exceptOf: deciderOf(caller), now: isoTime(clock.now()) };
    return { also: inOrder(also, store.keepBackUnboundSecretsBehind(id, change)), stored };
  };

  const afterRouteChange = async (id: string): Promise<void> => {
    for (const changed of [id, ...(await store.listDependentIds(id))]) onRouteChanged(changed);
  };

  const testInBackground = (id: string): void => {
    testServer(id).catch((error: unknown) => {
      if (isAppError(error, 'shutting_down')) return;
      logger.warn({ serverId: id, err: error }, 'the first test of a server failed');
    });
  };

  const keyCheckFor =
    (caller: Caller): CheckKey =>
    (privateKey, passphrase) =>
      privateKeys.check(privateKey, passphrase, countedPerson(caller));

  /** The command is in the audit log before it runs, and its end after. */
  const execOn = async (
    id: string,
    { command, argv, stdin, timeoutS }: ExecInput,
    signal: AbortSignal,
    audit?: AuditRecorder,
    onOutput?: OnOutput,
  ): Promise<ExecResult> => {
    await audit?.begin({ target: (await findRow(id)).name });
    const result = await ssh.exec(id, command ?? (argv ?? []).map(quote).join(' '), {
      ...{ deadlineMs: timeoutS * 1000, signal },
      ...(stdin === undefined ? {} : { stdin: Buffer.from(stdin, 'base64') }),
      ...(onOutput === undefined ? {} : { onOutput }),
    });
    audit?.note({ details: { exitCode: result.exitCode, signal: result.signal } });
    return result;
  };

  const addServer = createAddServer({
    ...{ store, vault, jumpServers, checkHost, clock, serversPerUser, findRow, keyCheckFor, mayMoveSecret },
    present: (row) => present(row, 'owner'),
    testInBackground,
    inheritThresholds: thresholds.inherit,
  });

  return {
    /** One page of what the caller sees, by name. */
    async list(
      caller: Caller,
      filter: ServerListFilter,
    ): Promise<{ servers: Server[]; nextCursor: string | null }> {
      return listPage(await visibleTo(caller), filter);
    },

    /** All that the caller sees, by name. */
    all: visibleTo,

    /** The servers that the caller sees, and then their changes, until `signal` aborts. */
    events(caller: Caller, signal: AbortSignal): AsyncIterable<ServerListEvent> {
      const userId = caller.user.isSuperAdmin ? null : caller.user.id;
      return serverEvents(listWatch.follow(userId, signal), userId);
    },

    /** Numbers of servers by state; those not checked for too long count as unknown. */
    async overview(): Promise<ServersOverview> {
      const counts = await store.countByState(isoTime(clock.now() - staleAfterMs), isoTime(clock.now()));
      const overview: ServersOverview = {
        servers: 0,
        stale: 0,
        byState: { up: 0, down: 0, unreachable: 0, unknown: 0, maintenance: 0, not_set_up: 0 },
      };
      for (const { state, servers, stale } of counts) {
        overview.servers += servers;
        overview.stale += stale;
        overview.byState[serverState.catch('unknown').parse(state)] += servers - stale;
        overview.byState.unknown += stale;
      }
      return overview;
    },

    find: findFor,

    create: addServer.create,
    clone: addServer.clone,

    /**
     * Changes the named fields; a pinned host key stays, also for a new address. `change.hostKey` is the only one that the secret is sent to then.
     * @param options.ifMatch the version that the caller saw, null for whichever
     */
    async update(
      caller: Caller,
      id: string,
      change: ServerChange,
      { ifMatch, callerNow }: { ifMatch: number | null; callerNow: CallerNow },
      audit?: AuditRecorder,
    ): Promise<Server> {
      const row = await findRow(id);
      if (ifMatch !== null && ifMatch !== row.version) throw staleVersion();
      const { host, port, username, jumpServerId, hostKey } = change;
      const moved = movedBy(row, change);
      const isElsewhere = leadsElsewhere(row, moved);
      /** By moving one server anybody would see, test by test, what there is around Buoy. */
      const checkMover = (mover: Caller, ownerId: string | null): void => {
        if (isElsewhere) checkMayMove(mover, ownerId);
      };
      checkMover(caller, await access.ownerIdOf(id));
      const entitled = await mayMoveSecret(caller, row);
      checkMove(row, moved, change, entitled);
      checkHostKey(row, moved.authType, change, entitled);
      const stored = () => openCredential(vault, id, row.credential);
      const credential = await changedCredential(change, row, stored, keyCheckFor(caller));
      const rebound = isRebound(row, change);
      const routeChanged =
        rebound ||
        credential !== null ||
        [host, port, username, jumpServerId].some((part) => part !== undefined);
      const addressNamed = [host, port, jumpServerId].some((part) => part !== undefined);
      const mayUseDeniedNetworks = addressNamed
        ? await checkHost(caller, moved, row)
        : row.mayUseDeniedNetworks;
      // Checking keys and host names takes as long as their sender wants.
      const callerStill = await callerNow();
      const ownerId = await access.ownerIdOf(id);
      checkMover(callerStill, ownerId);
      // A jump server reaches what Buoy does not: another address behind it takes the right to use it, too.
      if (isElsewhere && moved.jumpServerId !== null) {
        await jumpServers.check(callerStill, moved.jumpServerId, { ownId: id, ownerId: ownerId ?? '' });
      }
      // A form sends the unchanged fields as well. Another credential may be that of another account.
      const move = isSameAddress(row, moved) && credential === null && !rebound ? null : moveBy(caller, id);
      const enteredBy = move === null ? null : caller.user.id;
      const columns = changedColumns(row, change, { enteredBy, mayUseDeniedNetworks });
      // Anybody can send the same again without end: neither a version nor an entry for each.
      if (credential === null && isIn(row, columns)) {
        if ((await findRow(id)).version !== row.version) throw staleVersion();
        audit?.unchanged({ target: row.name });
      } else {
        const updated = await store.update(
          id,
          row.version,
          {
            ...columns,
            ...(credential === null ? {} : { credential: sealCredential(vault, id, credential) }),
            ...(bringsSecret(moved.authType, change) ? bindingOf(caller.user.id, row, hostKey) : {}),
            updatedAt: isoTime(clock.now()),
          },
          inOrder(
            move?.also,
            isElsewhere ? store.forgetKeysOfferedBehind(id) : undefined,
            change.tags === undefined ? undefined : thresholds.inherit(id, caller),
            audit?.change({ target: row.name, ...(rebound ? { details: { hostKey } } : {}) }),
          ),
        );
        if (!updated) throw staleVersion();
        move?.stored();
        if (routeChanged) {
          await afterRouteChange(id);
          testInBackground(id);
        }
      }
      return findFor(caller, id);
    },

    /** Deletes the record, its grants and tasks. Servers behind it need another jump server; the machines are untouched. */
    async remove(id: string, audit?: AuditRecorder): Promise<void> {
      const { name } = await findRow(id);
      await beforeRemoval(id);
      const detached = await store.remove(id, isoTime(clock.now()), audit?.change({ target: name }));
      onRouteChanged(id);
      await jumpServers.closeBarred(detached);
    },

    /**
     * The host key that is shown at an address now, without logging in there, for who is about to add a server.
     * @throws AppError as the connection test does
     */
    async scanHostKey(
      caller: Caller,
      {
        host,
        port,
        jumpServerId = null,
      }: { host: string; port: number; jumpServerId?: string | null | undefined },
      { callerNow, signal }: { callerNow: CallerNow; signal: AbortSignal },
      audit?: AuditRecorder,
    ): Promise<HostKey> {
      audit?.note({ target: `${host}:${port}` });
      checkMayAdd(caller);
      const key = await hostKeys.at(caller, { host, port, jumpServerId }, { signal });
      // The server took as long to show its key as it wanted.
      checkMayAdd(await callerNow());
      return key;
    },

    test(id: string, signal: AbortSignal): Promise<TestResult> {
      return testServer(id, signal);
    },

    /**
     * Replaces the pinned key by the one with `fingerprint`, which must be what the server shows. The stored secret is sent to it
     * only when the caller has entered it; otherwise it must be entered again.
     * @throws AppError `host_key_mismatch` when the server shows another one
     */
    async acceptHostKey(
      caller: Caller,
      id: string,
      fingerprint: string,
      { callerNow, signal }: { callerNow: CallerNow; signal: AbortSignal },
      audit?: AuditRecorder,
    ): Promise<Server> {
      const row = await findRow(id);
      const offered = await hostKeys.offeredBy(row, fingerprint, { signal });
      // The server took as long to show its key as it wanted.
      await callerNow();
      if (!isSameAddress(row, await findRow(id))) throw staleVersion();
      const move = moveBy(caller, id);
      await store.replaceHostKey(
        id,
        offered,
        (await mayMoveSecret(caller, row)) ? caller.user.id : null,
        isoTime(clock.now()),
        {
          ifOther: move.also,
          also: audit?.change({
            target: row.name,
            details: { before: row.hostKeyFingerprint, after: offered.fingerprint },
          }),
        },
      );
      move.stored();
      await afterRouteChange(id);
      testInBackground(id);
      return findFor(caller, id);
    },

    exec: execOn,

    /** The same, with its output as it comes. */
    execStream(
      id: string,
      input: ExecInput,
      signal: AbortSignal,
      audit?: AuditRecorder,
    ): AsyncIterable<ExecEvent> {
      return execEvents((onOutput) => execOn(id, input, signal, audit, onOutput));
    },
  };
}

function staleVersion(): AppError {
  return new AppError('stale_version', 'Someone else changed this server in the meantime.', {
    hint: 'Reload it, then repeat your change.',
  });
}
