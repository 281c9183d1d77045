// Jump servers: who may use one, and what happens to the servers behind it when that right ends.
import { includesRole } from '../access/access.policy.ts';
import type { Access } from '../access/access.ts';
import { isAppError } from '../lib/app-error.ts';
import { eachAlone } from '../lib/each-alone.ts';
import type { Logger } from '../lib/logger.ts';
import type { Observe } from '../openclaw/status/observation.ts';
import { jumpForbidden, jumpRemoved } from '../ssh/jump-failures.ts';
import type { Caller } from '../users/caller.ts';
import { invalidField } from './invalid-field.ts';
import type { ServerRow, ServerStore } from './servers.store.ts';

export type JumpRules = ReturnType<typeof createJumpRules>;
export type JumpServers = ReturnType<typeof createJumpServers>;

/** The rule for every connection: the owner of a server is an admin of the jump server that it is reached through. */
export function createJumpRules({ store, access }: { store: ServerStore; access: Access }) {
  /**
   * The jump server that leads to a server; null: it is reached directly.
   * @throws AppError of kind `jump` when it can no longer be used
   */
  const jumpOf = async (row: ServerRow): Promise<ServerRow | null> => {
    // Never directly instead: whatever has that address in Buoy's own network would get the secret.
    if (row.jumpServerRemoved === 1) throw jumpRemoved();
    if (row.jumpServerId === null) return null;
    const jump = await store.find(row.jumpServerId);
    if (jump === undefined) throw jumpRemoved();
    const ownerId = await access.ownerIdOf(row.id);
    if (ownerId === null || !(await access.isAdmin(ownerId, jump.id))) throw jumpForbidden();
    return jump;
  };

  return {
    jumpOf,

    /** Why Buoy must not connect to a server as it is now, in words; null: it may, or the server is gone. */
    async barred(serverId: string): Promise<string | null> {
      const row = await store.find(serverId);
      if (row === undefined) return null;
      return jumpOf(row).then(
        () => null,
        (error: unknown) => {
          if (isAppError(error, 'unreachable')) return error.message;
          throw error;
        },
      );
    },
  };
}

export function createJumpServers(parts: {
  store: ServerStore;
  access: Access;
  rules: JumpRules;
  observe: Observe;
  onRouteChanged: (serverId: string) => void;
  logger: Pick<Logger, 'error'>;
}) {
  const { store, access, rules, observe, onRouteChanged, logger } = parts;

  /** `read`; when it fails, connections to the server close meanwhile: whoever still has the right connects anew. */
  const orClose = <T>(serverId: string, read: Promise<T>): Promise<T> =>
    read.catch((error: unknown) => {
      onRouteChanged(serverId);
      throw error;
    });

  const closeIfBarred = async (serverId: string): Promise<void> => {
    const reason = await orClose(serverId, rules.barred(serverId));
    if (reason === null) return;
    onRouteChanged(serverId);
    await observe(serverId, { state: 'unreachable', reasons: [reason], openclaw: null });
  };

  /** Closes kept connections to servers that must no longer be reached this way, with the reason. What fails for one is logged. */
  const closeBarred = async (serverIds: readonly string[]): Promise<void> => {
    for (const serverId of serverIds)
      await eachAlone(
        logger,
        { serverId },
        {
          'see whether a server may still be reached': () => closeIfBarred(serverId),
        },
      );
  };

  return {
    /**
     * May a server of `ownerId` be reached through `jumpServerId`, and may the caller say so?
     * @param ownId null: a server that is not there yet
     * @throws AppError `invalid_request` that does not name another person's server
     */
    async check(
      caller: Caller,
      jumpServerId: string | null,
      { ownId, ownerId }: { ownId: string | null; ownerId: string },
    ): Promise<void> {
      if (jumpServerId === null) return;
      if (jumpServerId === ownId)
        throw invalidField('jumpServerId', 'A server cannot be its own jump server.');
      const jumpRole = await access.roleOf(caller.user, jumpServerId);
      const jump = await store.find(jumpServerId);
      if (jump === undefined || jumpRole === null || !includesRole(jumpRole, 'admin'))
        throw invalidField('jumpServerId', 'You are not an admin of a server with this id.');
      if (ownerId !== caller.user.id && !(await access.isAdmin(ownerId, jumpServerId)))
        throw invalidField(
          'jumpServerId',
          'The owner of this server is not an admin of that jump server; ask its owner to grant that role.',
        );
      if (jump.jumpServerId !== null || jump.jumpServerRemoved === 1)
        throw invalidField(
          'jumpServerId',
          'The jump server is itself behind a jump server; only one hop is possible.',
        );
      if (ownId !== null && (await store.listDependentIds(ownId)).length > 0)
        throw invalidField(
          'jumpServerId',
          'Other servers are reached through this one; only one hop is possible.',
        );
    },

    /** After an access change: ends connections that rely on a lost right. */
    async accessChanged(serverId: string): Promise<void> {
      await closeBarred([serverId]);
      // Connections through the server end with its own.
      await closeBarred(await orClose(serverId, store.listDependentIds(serverId)));
    },

    /** After a person was disabled: ends connections to their servers that relied on what they might do as a super-admin. */
    async ownerDisabled(ownerId: string): Promise<void> {
      await closeBarred(await store.listIdsBehindJumpServers(ownerId));
    },

    closeBarred,
  };
}
