// Adds a server of the caller's own: a new one, or one like another that they see.
import type { NewServer, Server, ServerClone } from '@buoy/contract';
import { addedTooMany } from '../access/access.policy.ts';
import type { AuditRecorder } from '../audit/audit-recorder.ts';
import type { ServerTable } from '../db/schema.ts';
import { inOrder, type TransactionHook } from '../db/transaction-hook.ts';
import { AppError } from '../lib/app-error.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import { newId } from '../lib/ids.ts';
import type { SshCredential } from '../ssh/ssh.ts';
import type { Caller, CallerNow } from '../users/caller.ts';
import type { Vault } from '../vault/vault.ts';
import { cloneFields, noHostKey, type ServerFields } from './clone-server.ts';
import { openCredential, sealCredential } from './credential.ts';
import { type CheckKey, changedCredential, credentialOf } from './credential-change.ts';
import type { HostCheck } from './host-check.ts';
import type { JumpServers } from './jump-servers.ts';
import { bindingOf, bringsSecret, checkClone } from './secret-takeover.ts';
import type { ServerRow, ServerStore } from './servers.store.ts';

export function createAddServer({
  store,
  vault,
  jumpServers,
  checkHost,
  clock,
  serversPerUser,
  findRow,
  keyCheckFor,
  mayMoveSecret,
  present,
  testInBackground,
  inheritThresholds,
}: {
  store: Pick<ServerStore, 'insert'>;
  vault: Vault;
  jumpServers: Pick<JumpServers, 'check'>;
  checkHost: HostCheck;
  clock: Clock;
  /** The most servers that a person may have added who is not a super-admin. */
  serversPerUser: number;
  findRow: (id: string) => Promise<ServerRow>;
  keyCheckFor: (caller: Caller) => CheckKey;
  mayMoveSecret: (caller: Caller, row: ServerRow) => Promise<boolean>;
  /** For its owner. */
  present: (row: ServerRow) => Server;
  testInBackground: (id: string) => void;
  /** What is set for the tags of the new server. */
  inheritThresholds: (id: string, caller: Caller) => TransactionHook;
}) {
  /** Stores a server of the caller's own; a first test runs in the background. */
  const insertNew = async (
    caller: Caller,
    fields: ServerFields & Pick<ServerTable, 'credentialEnteredBy' | 'credentialHostKey'>,
    credential: SshCredential,
    callerNow: CallerNow,
    alsoFor: (id: string) => TransactionHook | undefined,
  ): Promise<Server> => {
    const id = newId('srv');
    const now = isoTime(clock.now());
    const row: ServerTable = {
      ...fields,
      id,
      credential: sealCredential(vault, id, credential),
      offeredKeyAlgorithm: null,
      offeredKeyFingerprint: null,
      enteredBy: caller.user.id,
      mayUseDeniedNetworks: await checkHost(caller, fields, null),
      version: 1,
      createdBy: caller.user.id,
      createdAt: now,
      updatedAt: now,
    };
    const limit = caller.user.isSuperAdmin
      ? null
      : { maxOwned: serversPerUser, full: () => addedTooMany(serversPerUser) };
    // Checking keys and host names takes as long as their sender wants.
    checkMayAdd(await callerNow());
    await store.insert(row, inOrder(inheritThresholds(id, caller), alsoFor(id)), limit);
    testInBackground(id);
    return present(await findRow(id));
  };

  return {
    /** Saved even if unreachable; a first test runs in the background. */
    async create(
      caller: Caller,
      input: NewServer,
      callerNow: CallerNow,
      audit?: AuditRecorder,
    ): Promise<Server> {
      const { name, host, port, username, authType, tags, jumpServerId = null } = input;
      checkMayAdd(caller);
      const credential = await credentialOf(input, keyCheckFor(caller));
      await jumpServers.check(caller, jumpServerId, { ownId: null, ownerId: caller.user.id });
      const fields = {
        ...{ name, host, port, username, authType, jumpServerId, jumpServerRemoved: 0 },
        tags: JSON.stringify([...new Set(tags)]),
        ...noHostKey,
        ...bindingOf(caller.user.id, { ...noHostKey, credentialHostKey: null }, input.hostKey),
      };
      return insertNew(caller, fields, credential, callerNow, (id) =>
        audit?.change({ serverId: id, target: name }),
      );
    },

    /**
     * A server like the one with id `sourceId`, with what `input` names changed; the caller owns it.
     * @throws AppError `invalid_request` when the caller must bring a credential or another jump server
     */
    async clone(
      caller: Caller,
      sourceId: string,
      input: ServerClone,
      callerNow: CallerNow,
      audit?: AuditRecorder,
    ): Promise<Server> {
      checkMayAdd(caller);
      const source = await findRow(sourceId);
      const fields = cloneFields(source, input);
      checkClone(source, fields, input, await mayMoveSecret(caller, source));
      const stored = () => openCredential(vault, sourceId, source.credential);
      const changed = await changedCredential(input, source, stored, keyCheckFor(caller));
      const credential = changed ?? stored();
      await jumpServers.check(caller, fields.jumpServerId, { ownId: null, ownerId: caller.user.id });
      // A stored secret stays bound to the key that it was entered for.
      const kept = bringsSecret(fields.authType, input) ? null : source.credentialHostKey;
      const binding = bindingOf(caller.user.id, { ...fields, credentialHostKey: null }, input.hostKey);
      return insertNew(
        caller,
        { ...fields, ...binding, credentialHostKey: kept ?? binding.credentialHostKey },
        credential,
        callerNow,
        (id) => audit?.change({ serverId: id, target: input.name, details: { source: sourceId } }),
      );
    },
  };
}

/** @throws AppError `forbidden` for a person whose right to add servers was taken away */
export function checkMayAdd({ user }: Caller): void {
  if (!user.mayAddServers)
    throw new AppError('forbidden', 'You may not add servers to this Buoy.', {
      hint: 'Ask a super-admin for the right to add servers. Servers that were shared with you are not affected.',
    });
}

/** @throws AppError `forbidden` for a person who may not add servers, also of their own server */
export function checkMayMove({ user }: Caller, ownerId: string | null): void {
  if (user.mayAddServers) return;
  const isOwn = ownerId === user.id;
  throw new AppError('forbidden', 'You may not move this server to another address.', {
    hint: isOwn
      ? 'Ask a super-admin for the right to add servers. Its name, tags, login name and password are yours to change.'
      : 'Ask its owner to do it, or a super-admin for the right to add servers.',
  });
}
