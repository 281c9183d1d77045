// SQL for servers, their last known state, and the grant that makes the creator an owner.

import type { Expression, ExpressionBuilder, SqlBool } from 'kysely';
import { approvePerson } from '../db/approve-person.ts';
import type { Db } from '../db/database.ts';
import { checkOwnedServers, type OwnedServersLimit } from '../db/owned-servers.ts';
import type { Database, GrantTable, ServerStatusTable, ServerTable } from '../db/schema.ts';
import { checkServerName, isSameName } from '../db/server-names.ts';
import { isForeignKeyViolation } from '../db/storage-errors.ts';
import { type TransactionHook, withTransactionHook } from '../db/transaction-hook.ts';

export type ServerRow = ServerTable & Omit<ServerStatusTable, 'serverId'> & OwnerColumns;

/** Who owns the server by a grant, with their profile; null until the first sign-in. */
type OwnerColumns = {
  ownerId: string | null;
  /** Who made them the owner. */
  ownershipBy: string | null;
  ownerUsername: string | null;
  ownerFirstName: string | null;
  ownerLastName: string | null;
  ownerDisplayName: string | null;
};

/** A server where it was when something was asked of it. */
export type ServerAddress = Pick<ServerTable, 'id' | 'host' | 'port' | 'jumpServerId'> & {
  /** Where its jump server was, if the connection went through one. */
  behind?: Pick<ServerTable, 'host' | 'port'> | null;
};

/** A row of a list. */
export type ListedServerRow = Omit<ServerRow, 'credential'>;

const listedColumns = [
  'servers.id',
  'servers.name',
  'servers.host',
  'servers.port',
  'servers.username',
  'servers.authType',
  'servers.credentialEnteredBy',
  'servers.credentialHostKey',
  'servers.tags',
  'servers.jumpServerId',
  'servers.jumpServerRemoved',
  'servers.hostKeyAlgorithm',
  'servers.hostKeyFingerprint',
  'servers.hostKeyPinnedAt',
  'servers.offeredKeyAlgorithm',
  'servers.offeredKeyFingerprint',
  'servers.enteredBy',
  'servers.mayUseDeniedNetworks',
  'servers.version',
  'servers.createdBy',
  'servers.createdAt',
  'servers.updatedAt',
] as const;

export type ServerStore = ReturnType<typeof createServerStore>;

export function createServerStore(db: Db) {
  const listeners = new Set<(isState: boolean) => void>();
  const changed = (isState = false) => {
    for (const listener of listeners) listener(isState);
  };
  const joined = () =>
    db
      .selectFrom('servers')
      .innerJoin('serverStatuses', 'serverStatuses.serverId', 'servers.id')
      .leftJoin('grants as ownership', (join) =>
        join.onRef('ownership.serverId', '=', 'servers.id').on('ownership.role', '=', 'owner'),
      )
      .leftJoin('users as owners', 'owners.id', 'ownership.userId')
      .select([
        'ownership.userId as ownerId',
        'ownership.grantedBy as ownershipBy',
        'owners.username as ownerUsername',
        'owners.firstName as ownerFirstName',
        'owners.lastName as ownerLastName',
        'owners.displayName as ownerDisplayName',
      ])
      .select([
        'serverStatuses.state',
        'serverStatuses.since',
        'serverStatuses.checkedAt',
        'serverStatuses.reasons',
        'serverStatuses.openclawInstalled',
        'serverStatuses.openclawVersion',
      ]);
  /** Without the credentials: all of them together are megabytes, which no list shows. */
  const listed = () => joined().select(listedColumns);

  return {
    /** Which machine the server is, and as whom Buoy logs in there; null for one that was removed. */
    async addressOf(
      id: string,
    ): Promise<Pick<ServerTable, 'host' | 'port' | 'username' | 'hostKeyFingerprint'> | null> {
      const row = await db
        .selectFrom('servers')
        .select(['host', 'port', 'username', 'hostKeyFingerprint'])
        .where('id', '=', id)
        .executeTakeFirst();
      return row ?? null;
    },

    async find(id: string): Promise<ServerRow | undefined> {
      return joined().selectAll('servers').where('servers.id', '=', id).executeTakeFirst();
    },

    /** With the caller's role, by name. `userId` null: all servers, as owner. */
    async list(userId: string | null): Promise<Array<ListedServerRow & { role: string }>> {
      if (userId === null) {
        const all = await listed().orderBy('servers.name').orderBy('servers.id').execute();
        return all.map((row) => ({ ...row, role: 'owner' }));
      }
      return listed()
        .innerJoin('grants', 'grants.serverId', 'servers.id')
        .select('grants.role')
        .where('grants.userId', '=', userId)
        .orderBy('servers.name')
        .orderBy('servers.id')
        .execute();
    },

    /** Grants of these people: person, server and role. */
    async listRoles(
      userIds: readonly string[],
    ): Promise<Array<Pick<GrantTable, 'serverId' | 'userId' | 'role'>>> {
      // PostgreSQL knows no empty list of values.
      if (userIds.length === 0) return [];
      return db
        .selectFrom('grants')
        .select(['serverId', 'userId', 'role'])
        .where('userId', 'in', userIds)
        .execute();
    },

    /**
     * The server, its unknown state and its owner's grant: all or nothing.
     * @param limit how many servers the creator may have added; null: any number
     * @throws AppError `duplicate` when the creator owns a server of that name
     */
    async insert(
      server: ServerTable,
      also?: TransactionHook,
      limit: OwnedServersLimit | null = null,
    ): Promise<void> {
      await withTransactionHook(db, also, async (trx) => {
        if (limit !== null) await checkOwnedServers(trx, server.createdBy, 'added', limit);
        await checkServerName(trx, { serverId: server.id, name: server.name, ownerId: server.createdBy });
        await trx.insertInto('servers').values(server).execute();
        await trx
          .insertInto('serverStatuses')
          .values({
            serverId: server.id,
            state: 'unknown',
            since: server.createdAt,
            checkedAt: null,
            reasons: '[]',
            openclawInstalled: null,
            openclawVersion: null,
          })
          .execute();
        await trx
          .insertInto('grants')
          .values({
            serverId: server.id,
            userId: server.createdBy,
            role: 'owner',
            grantedBy: server.createdBy,
            createdAt: server.createdAt,
          })
          .execute();
        await approvePerson(trx, server.createdBy, server.createdAt);
      });
      changed();
    },

    /**
     * Writes `change` over version `version`; false when the row is at another version by now.
     * @throws AppError `duplicate` for the name of another server of the same owner
     */
    async update(
      id: string,
      version: number,
      change: Partial<ServerTable>,
      also?: TransactionHook,
    ): Promise<boolean> {
      const updated = await withTransactionHook(db, also, async (trx) => {
        const before = await trx.selectFrom('servers').select('name').where('id', '=', id).executeTakeFirst();
        const result = await trx
          .updateTable('servers')
          .set({ ...change, version: version + 1 })
          .where('id', '=', id)
          .where('version', '=', version)
          .executeTakeFirst();
        if (result.numUpdatedRows !== 1n) return false;
        // A form also sends an unchanged name.
        if (change.name !== undefined && !isSameName(change.name, before?.name ?? ''))
          await checkNameOf(trx, id, change.name);
        return true;
      });
      if (updated) changed();
      return updated;
    },

    /** Also marks the servers that are reached through this one, and returns their ids: none gets a direct connection instead. */
    async remove(id: string, now: string, also?: TransactionHook): Promise<string[]> {
      const detachAndDelete = () =>
        withTransactionHook(db, also, async (trx) => {
          const dependents = await trx
            .updateTable('servers')
            .set((e) => ({
              jumpServerId: null,
              jumpServerRemoved: 1,
              // What was shown behind it says nothing about the server that is reached without it.
              ...{ offeredKeyAlgorithm: null, offeredKeyFingerprint: null },
              version: e('version', '+', 1),
              updatedAt: now,
            }))
            .where('jumpServerId', '=', id)
            .returning('id')
            .execute();
          await trx.deleteFrom('servers').where('id', '=', id).execute();
          return dependents.map((dependent) => dependent.id);
        });
      // A server that was led through this one at the same moment is detached by the second attempt.
      const detached = await detachAndDelete().catch((error: unknown) => {
        if (!isForeignKeyViolation(error)) throw error;
        return detachAndDelete();
      });
      changed();
      return detached;
    },

    /** Ids of the servers that are reached through this one. */
    async listDependentIds(id: string): Promise<string[]> {
      const dependents = await db
        .selectFrom('servers')
        .select('id')
        .where('jumpServerId', '=', id)
        .orderBy('id')
        .execute();
      return dependents.map((dependent) => dependent.id);
    },

    /** Ids of the servers that a person owns and that are reached through a jump server. */
    async listIdsBehindJumpServers(ownerId: string): Promise<string[]> {
      const owned = await db
        .selectFrom('servers')
        .innerJoin('grants', 'grants.serverId', 'servers.id')
        .select('servers.id')
        .where('grants.userId', '=', ownerId)
        .where('grants.role', '=', 'owner')
        .where('servers.jumpServerId', 'is not', null)
        .orderBy('servers.id')
        .execute();
      return owned.map((server) => server.id);
    },

    /** Pins a first key, to which the secret is bound then; false when one is pinned already or the secret is for another one. */
    async pinFirstHostKey(
      place: ServerAddress,
      key: { algorithm: string; fingerprint: string },
      now: string,
    ): Promise<boolean> {
      const result = await db
        .updateTable('servers')
        .set({
          hostKeyAlgorithm: key.algorithm,
          hostKeyFingerprint: key.fingerprint,
          hostKeyPinnedAt: now,
          credentialHostKey: key.fingerprint,
        })
        .where((e) => isAt(e, place))
        .where('hostKeyFingerprint', 'is', null)
        .where((e) =>
          e.or([e('credentialHostKey', 'is', null), e('credentialHostKey', '=', key.fingerprint)]),
        )
        .executeTakeFirst();
      const isFirst = result.numUpdatedRows === 1n;
      if (isFirst) changed();
      return isFirst;
    },

    /**
     * The secret follows to the new key when `enteredBy` has entered it; else it stays bound to the key that it was for.
     * @param enteredBy the person whose secret may be rebound; null: nobody
     * @param ifOther part of the transaction when it is not the key that is pinned already
     */
    async replaceHostKey(
      id: string,
      key: { algorithm: string; fingerprint: string },
      enteredBy: string | null,
      now: string,
      { ifOther, also }: { ifOther?: TransactionHook; also?: TransactionHook | undefined } = {},
    ): Promise<void> {
      await withTransactionHook(db, also, async (trx) => {
        // A secret that was entered while the first key was pinned may be bound to none: it is for the key that was pinned until now.
        const before = await trx
          .updateTable('servers')
          .set((e) => ({
            credentialHostKey: e.fn.coalesce(
              'credentialHostKey',
              'hostKeyFingerprint',
              e.val(key.fingerprint),
            ),
          }))
          .where('id', '=', id)
          .returning('hostKeyFingerprint')
          .executeTakeFirst();
        if (before?.hostKeyFingerprint !== key.fingerprint) {
          await forgetKeysOfferedBehind(trx, id);
          await ifOther?.(trx);
        }
        await trx
          .updateTable('servers')
          .set({ credentialHostKey: key.fingerprint })
          .where('id', '=', id)
          .where('credentialEnteredBy', '=', enteredBy)
          .execute();
        await trx
          .updateTable('servers')
          .set({
            hostKeyAlgorithm: key.algorithm,
            hostKeyFingerprint: key.fingerprint,
            hostKeyPinnedAt: now,
            offeredKeyAlgorithm: null,
            offeredKeyFingerprint: null,
          })
          .where('id', '=', id)
          .execute();
      });
      changed();
    },

    /** False when the server has moved since the key was asked for. */
    async noteOfferedKey(
      place: ServerAddress,
      key: { algorithm: string; fingerprint: string },
    ): Promise<boolean> {
      const noted = await db
        .updateTable('servers')
        .set({ offeredKeyAlgorithm: key.algorithm, offeredKeyFingerprint: key.fingerprint })
        .where((e) => isAt(e, place))
        .executeTakeFirst();
      return noted.numUpdatedRows === 1n;
    },

    /** For the transaction that moves a jump server: what was shown behind its old place is not to be accepted behind the new one. */
    forgetKeysOfferedBehind:
      (jumpServerId: string): TransactionHook =>
      (trx) =>
        forgetKeysOfferedBehind(trx, jumpServerId),

    /**
     * For the transaction that moves a jump server or replaces its host key: a secret behind it that is bound to no host key yet would
     * go to whatever shows the first key there. It is kept back until a person enters it again.
     * @param change.noHostKey stands for no host key at all
     * @param change.exceptOf the person whose own secrets may go there; null: nobody's
     */
    keepBackUnboundSecretsBehind(
      jumpServerId: string,
      { noHostKey, exceptOf, now }: { noHostKey: string; exceptOf: string | null; now: string },
    ): TransactionHook {
      return async (trx) => {
        await trx
          .updateTable('servers')
          // A change of such a server that was begun before must not bind its secret anew.
          .set((e) => ({ credentialHostKey: noHostKey, version: e('version', '+', 1), updatedAt: now }))
          .where('jumpServerId', '=', jumpServerId)
          .where('hostKeyFingerprint', 'is', null)
          .where('credentialHostKey', 'is', null)
          .where((e) =>
            e.or([e('credentialEnteredBy', 'is', null), e('credentialEnteredBy', '!=', exceptOf ?? '')]),
          )
          .execute();
      };
    },

    /** Numbers of servers by their last known state, or in maintenance at `now`, and of the others those not checked since `staleBefore`. */
    async countByState(
      staleBefore: string,
      now: string,
    ): Promise<Array<{ state: string; servers: number; stale: number }>> {
      const shown = db
        .selectFrom('serverStatuses')
        .select('checkedAt')
        .select((e) =>
          e
            .case()
            .when(
              e.exists(
                e
                  .selectFrom('maintenanceWindows')
                  .select('maintenanceWindows.id')
                  .whereRef('maintenanceWindows.serverId', '=', 'serverStatuses.serverId')
                  .where('startsAt', '<=', now)
                  .where('endsAt', '>', now),
              ),
            )
            .then('maintenance')
            .else(e.ref('state'))
            .end()
            .as('state'),
        );
      return db
        .selectFrom(shown.as('shown'))
        .select((e) => [
          'state',
          e.fn.countAll<number>().as('servers'),
          e.fn
            .countAll<number>()
            .filterWhere(
              e.and([
                e('state', '!=', 'maintenance'),
                e.or([e('checkedAt', 'is', null), e('checkedAt', '<', staleBefore)]),
              ]),
            )
            .as('stale'),
        ])
        .groupBy('state')
        .execute();
    },

    async findStatus(serverId: string): Promise<ServerStatusTable | undefined> {
      return db.selectFrom('serverStatuses').selectAll().where('serverId', '=', serverId).executeTakeFirst();
    },

    async updateStatus(serverId: string, status: Omit<ServerStatusTable, 'serverId'>): Promise<void> {
      await db.updateTable('serverStatuses').set(status).where('serverId', '=', serverId).execute();
      changed(true);
    },

    /**
     * Calls `listener` after each write of this process that the list of servers shows; the answer ends that.
     * @param listener is told whether it was only what a check has seen
     */
    onChange(listener: (isState: boolean) => void): () => void {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** The row of the server is locked by now, so that its owner stays until the transaction ends. */
async function checkNameOf(trx: Db, serverId: string, name: string): Promise<void> {
  const owner = await trx
    .selectFrom('grants')
    .select('userId')
    .where('serverId', '=', serverId)
    .where('role', '=', 'owner')
    .executeTakeFirst();
  if (owner !== undefined) await checkServerName(trx, { serverId, name, ownerId: owner.userId });
}

async function forgetKeysOfferedBehind(trx: Db, jumpServerId: string): Promise<void> {
  await trx
    .updateTable('servers')
    .set({ offeredKeyAlgorithm: null, offeredKeyFingerprint: null })
    .where('jumpServerId', '=', jumpServerId)
    .execute();
}

/** Whether server and jump server are still there: a key that is shown at the old place of either says nothing about the new one. */
function isAt(
  e: ExpressionBuilder<Database, 'servers'>,
  { id, host, port, jumpServerId, behind }: ServerAddress,
): Expression<SqlBool> {
  return e.and([
    e('id', '=', id),
    e('host', '=', host),
    e('port', '=', port),
    e('jumpServerId', jumpServerId === null ? 'is' : '=', jumpServerId),
    ...(behind
      ? [
          e.exists(
            e
              .selectFrom('servers as jump')
              .select('jump.id')
              .where('jump.id', '=', jumpServerId)
              .where('jump.host', '=', behind.host)
              .where('jump.port', '=', behind.port),
          ),
        ]
      : []),
  ]);
}
