// The managed servers: who has them, how they are reached, what can be asked of them directly.
import {
  type NewServer,
  type Role,
  role,
  type Server,
  type ServerChange,
  type ServerState,
  type TestResult,
} from '@buoy/contract';
import { includesRole } from '../access/access.policy.ts';
import type { Access } from '../access/access.ts';
import { AppError } from '../lib/app-error.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import { newId } from '../lib/ids.ts';
import type { Logger } from '../lib/logger.ts';
import { checkPrivateKey } from '../ssh/private-key.ts';
import type { ExecResult, Ssh, SshCredential, SshTargets } from '../ssh/ssh.ts';
import type { Caller } from '../users/sign-in.ts';
import type { Vault } from '../vault/vault.ts';
import { openCredential, sealCredential } from './credential.ts';
import { presentServer } from './server.presenter.ts';
import type { ServerRow, ServerStore } from './servers.store.ts';
import type { TestServer } from './test-server.ts';

/** Milliseconds to look at a server's host key. */
const SCAN_DEADLINE_MS = 15_000;

export type Servers = ReturnType<typeof createServers>;

export function createServers(parts: {
  store: ServerStore;
  access: Access;
  vault: Vault;
  ssh: Ssh;
  targets: SshTargets;
  testServer: TestServer;
  /** Told when a server's way in has changed or the server is gone: kept connections to it are of no use. */
  onRouteChanged: (serverId: string) => void;
  /** Told before a server's record goes: what still runs for it is stopped. */
  beforeRemoval: (serverId: string) => Promise<void>;
  clock: Clock;
  logger: Logger;
  /** Milliseconds after which an observation says nothing any more. */
  staleAfterMs: number;
}) {
  const {
    store,
    access,
    vault,
    ssh,
    targets,
    testServer,
    onRouteChanged,
    beforeRemoval,
    clock,
    logger,
    staleAfterMs,
  } = parts;

  const findRow = async (id: string): Promise<ServerRow> => {
    const row = await store.find(id);
    if (row === undefined) throw new AppError('not_found', 'There is no such server.');
    return row;
  };

  const present = (row: ServerRow, callerRole: Role): Server =>
    presentServer(row, callerRole, clock.now(), staleAfterMs);

  const findFor = async (caller: Caller, id: string): Promise<Server> => {
    const callerRole = await access.roleOf(caller.user, id);
    if (callerRole === null) throw new AppError('not_found', 'There is no such server.');
    return present(await findRow(id), callerRole);
  };

  /** A jump host lends its credential's reach: the caller must be admin there, and it must not itself need a jump. */
  const checkJump = async (
    caller: Caller,
    jumpServerId: string | null,
    ownId: string | null,
  ): Promise<void> => {
    if (jumpServerId === null) return;
    const jumpRole = await access.roleOf(caller.user, jumpServerId);
    if (jumpServerId === ownId) throw invalid('jumpServerId', 'A server cannot be its own jump host.');
    if (jumpRole === null || !includesRole(jumpRole, 'admin'))
      throw invalid('jumpServerId', 'There is no server with this id on which you are admin.');
    if ((await findRow(jumpServerId)).jumpServerId !== null)
      throw invalid('jumpServerId', 'The jump host is itself behind a jump host; only one hop is possible.');
    const [dependent] = ownId === null ? [] : await store.listDependents(ownId);
    if (dependent !== undefined)
      throw invalid(
        'jumpServerId',
        `This server is the jump host of "${dependent.name}"; only one hop is possible.`,
      );
  };

  const afterRouteChange = async (id: string): Promise<void> => {
    for (const { id: changed } of [{ id }, ...(await store.listDependents(id))]) onRouteChanged(changed);
  };

  const testInBackground = (id: string): void => {
    testServer(id).catch((error: unknown) =>
      logger.warn({ serverId: id, err: error }, 'first test of a server failed'),
    );
  };

  return {
    /** One page of what the caller sees, by name. */
    async list(
      caller: Caller,
      filter: {
        tag?: string | undefined;
        q?: string | undefined;
        state?: ServerState | undefined;
        limit: number;
        cursor?: string | undefined;
      },
    ): Promise<{ servers: Server[]; nextCursor: string | null }> {
      const rows = await store.list(caller.user.isSuperAdmin ? null : caller.user.id);
      const wanted = filter.q?.toLowerCase();
      const matching = rows
        .map((row) => present(row, role.parse(row.role)))
        .filter((server) => filter.tag === undefined || server.tags.includes(filter.tag))
        .filter((server) => filter.state === undefined || server.status.state === filter.state)
        .filter(
          (server) => wanted === undefined || `${server.name}\n${server.host}`.toLowerCase().includes(wanted),
        );
      const start =
        filter.cursor === undefined ? 0 : matching.findIndex((server) => server.id === filter.cursor) + 1;
      const page = matching.slice(start, start + filter.limit);
      const more = start + filter.limit < matching.length;
      return { servers: page, nextCursor: more ? (page.at(-1)?.id ?? null) : null };
    },

    find: findFor,

    /** Saved even if unreachable; a first test runs in the background. */
    async create(caller: Caller, input: NewServer): Promise<Server> {
      const credential = credentialOf(input);
      const jumpServerId = input.jumpServerId ?? null;
      await checkJump(caller, jumpServerId, null);
      const id = newId('srv');
      const now = isoTime(clock.now());
      await store.insert({
        id,
        name: input.name,
        host: input.host,
        port: input.port,
        username: input.username,
        authType: input.authType,
        credential: sealCredential(vault, id, credential),
        tags: JSON.stringify([...new Set(input.tags)]),
        jumpServerId,
        hostKeyAlgorithm: null,
        hostKeyFingerprint: null,
        hostKeyPinnedAt: null,
        offeredKeyAlgorithm: null,
        offeredKeyFingerprint: null,
        version: 1,
        createdBy: caller.user.id,
        createdAt: now,
        updatedAt: now,
      });
      testInBackground(id);
      return present(await findRow(id), 'owner');
    },

    /**
     * Changes what is named. A pinned host key stays, also for a new address: else a stored password could be led to another machine.
     * @param ifMatch the version that the caller saw, null for whichever
     */
    async update(caller: Caller, id: string, change: ServerChange, ifMatch: number | null): Promise<Server> {
      const row = await findRow(id);
      if (ifMatch !== null && ifMatch !== row.version) throw staleVersion();
      if (change.jumpServerId !== undefined) await checkJump(caller, change.jumpServerId, id);
      const credential = changedCredential(change, row, () => openCredential(vault, id, row.credential));
      const { name, host, port, username, tags, jumpServerId, authType } = change;
      const updated = await store.update(id, row.version, {
        ...defined({ name, host, port, username, jumpServerId, authType }),
        ...(tags === undefined ? {} : { tags: JSON.stringify([...new Set(tags)]) }),
        ...(credential === null ? {} : { credential: sealCredential(vault, id, credential) }),
        updatedAt: isoTime(clock.now()),
      });
      if (!updated) throw staleVersion();
      const routeChanged =
        [host, port, username, jumpServerId].some((part) => part !== undefined) || credential !== null;
      if (routeChanged) {
        await afterRouteChange(id);
        testInBackground(id);
      }
      return findFor(caller, id);
    },

    /** The record, its grants and tasks go; the remote machine is untouched. */
    async remove(id: string): Promise<void> {
      const dependents = await store.listDependents(id);
      if (dependents.length > 0)
        throw new AppError(
          'conflict',
          `This server is the jump host of ${dependents.map((one) => `"${one.name}"`).join(', ')}.`,
          {
            hint: 'Give those another way first.',
            details: { serverIds: dependents.map((one) => one.id) },
          },
        );
      await beforeRemoval(id);
      await store.remove(id);
      onRouteChanged(id);
    },

    test(id: string, signal: AbortSignal): Promise<TestResult> {
      return testServer(id, signal);
    },

    /**
     * Replaces the pinned key by the one with `fingerprint`, which must be what the server shows.
     * @throws AppError `host_key_mismatch` when the server shows another one
     */
    async acceptHostKey(
      caller: Caller,
      id: string,
      fingerprint: string,
      signal: AbortSignal,
    ): Promise<Server> {
      const row = await findRow(id);
      const offered =
        row.offeredKeyFingerprint === fingerprint && row.offeredKeyAlgorithm !== null
          ? { algorithm: row.offeredKeyAlgorithm, fingerprint }
          : await ssh.scanHostKey(await targets.find(id), { deadlineMs: SCAN_DEADLINE_MS, signal });
      if (offered.fingerprint !== fingerprint)
        throw new AppError(
          'host_key_mismatch',
          `The server shows ${offered.fingerprint}, not ${fingerprint}.`,
          {
            hint: 'Compare with the fingerprint on the server itself: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub',
            details: { offered },
          },
        );
      await store.replaceHostKey(id, offered, isoTime(clock.now()));
      await afterRouteChange(id);
      testInBackground(id);
      return findFor(caller, id);
    },

    exec(id: string, input: { command: string; timeoutS: number }, signal: AbortSignal): Promise<ExecResult> {
      return ssh.exec(id, input.command, { deadlineMs: input.timeoutS * 1000, signal });
    },
  };
}

function invalid(path: string, message: string): AppError {
  return new AppError('invalid_request', message, { details: [{ path, message }] });
}

function staleVersion(): AppError {
  return new AppError('stale_version', 'Somebody changed this server meanwhile.', {
    hint: 'Load it again, then repeat your change.',
  });
}

function credentialOf(
  input: Pick<NewServer, 'authType' | 'password' | 'privateKey' | 'passphrase'>,
): SshCredential {
  if (input.authType === 'password') return { type: 'password', password: input.password ?? '' };
  const privateKey = input.privateKey ?? '';
  const passphrase = input.passphrase ?? null;
  checkPrivateKey(privateKey, passphrase);
  return { type: 'key', privateKey, passphrase };
}

/** The credential after the change; null when it stays as it is. */
function changedCredential(
  change: ServerChange,
  row: ServerRow,
  current: () => SshCredential,
): SshCredential | null {
  const authType = change.authType ?? (row.authType === 'key' ? 'key' : 'password');
  if (authType === 'password') {
    if (change.privateKey !== undefined || change.passphrase !== undefined)
      throw invalid('privateKey', 'A private key does not go with authType "password".');
    if (change.password !== undefined) return { type: 'password', password: change.password };
    if (row.authType !== 'password')
      throw invalid('password', 'Changing to authType "password" takes a password.');
    return null;
  }
  if (change.password !== undefined) throw invalid('password', 'A password does not go with authType "key".');
  if (change.privateKey === undefined && change.passphrase === undefined) {
    if (row.authType !== 'key')
      throw invalid('privateKey', 'Changing to authType "key" takes a private key.');
    return null;
  }
  const kept = row.authType === 'key' ? current() : null;
  const privateKey = change.privateKey ?? (kept?.type === 'key' ? kept.privateKey : undefined);
  if (privateKey === undefined)
    throw invalid('privateKey', 'Changing to authType "key" takes a private key.');
  return credentialOf({ authType, privateKey, passphrase: change.passphrase ?? undefined });
}

/** Without the fields that were not sent. */
function defined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
