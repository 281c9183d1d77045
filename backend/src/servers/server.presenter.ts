// The only place that turns a server's row into the server of the API.
import { type Role, type Server, serverState } from '@buoy/contract';
import { z } from 'zod';
import type { MaintenanceSpan } from '../maintenance/maintenance.ts';
import { nameOf } from '../users/user.presenter.ts';
import type { ListedServerRow } from './servers.store.ts';

const texts = z.array(z.string());
/** By the ids of servers: none is in maintenance. */
export const noMaintenance: ReadonlyMap<string, MaintenanceSpan> = new Map();

/**
 * @param inMaintenance since when and until when; null: it is not
 * @param times.nowMs milliseconds since the epoch
 * @param times.staleAfterMs an observation older than this is outdated: the state is unknown
 */
export function presentServer(
  row: ListedServerRow,
  role: Role,
  inMaintenance: MaintenanceSpan | null,
  times: { nowMs: number; staleAfterMs: number },
): Server {
  return {
    id: row.id,
    name: row.name,
    host: row.host,
    port: row.port,
    username: row.username,
    authType: row.authType === 'key' ? 'key' : 'password',
    tags: texts.parse(JSON.parse(row.tags)),
    jumpServerId: row.jumpServerId,
    jumpServerRemoved: row.jumpServerRemoved === 1,
    hostKey:
      row.hostKeyAlgorithm === null || row.hostKeyFingerprint === null || row.hostKeyPinnedAt === null
        ? null
        : {
            algorithm: row.hostKeyAlgorithm,
            fingerprint: row.hostKeyFingerprint,
            pinnedAt: row.hostKeyPinnedAt,
          },
    openclaw: {
      installed: row.openclawInstalled === null ? null : row.openclawInstalled === 1,
      version: row.openclawVersion,
    },
    status: inMaintenance === null ? presentStatus(row, times) : maintenanceStatus(row, inMaintenance),
    role,
    owner: ownerFor(role, presentOwner(row)),
    version: row.version,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  };
}

/** The members of a server are for its admins, and its owner is one of them. */
export function ownerFor(role: Role, owner: Server['owner']): Server['owner'] {
  return role === 'viewer' ? null : owner;
}

function presentOwner(row: ListedServerRow): Server['owner'] {
  if (row.ownerId === null) return null;
  const name = nameOf({
    id: row.ownerId,
    username: row.ownerUsername,
    firstName: row.ownerFirstName,
    lastName: row.ownerLastName,
    displayName: row.ownerDisplayName,
  });
  return { id: row.ownerId, name, givenBy: row.ownershipBy === row.ownerId ? null : row.ownershipBy };
}

/** Whatever the last check has seen. */
function maintenanceStatus(
  { checkedAt }: ListedServerRow,
  { startsAt, endsAt }: MaintenanceSpan,
): Server['status'] {
  return { state: 'maintenance', since: startsAt, checkedAt, reasons: [`In maintenance until ${endsAt}.`] };
}

function presentStatus(
  row: ListedServerRow,
  { nowMs, staleAfterMs }: { nowMs: number; staleAfterMs: number },
): Server['status'] {
  const state = serverState.catch('unknown').parse(row.state);
  if (row.checkedAt === null)
    return { state: 'unknown', since: row.since, checkedAt: null, reasons: ['Not checked yet.'] };
  const staleAt = Date.parse(row.checkedAt) + staleAfterMs;
  if (nowMs > staleAt)
    return {
      state: 'unknown',
      since: new Date(staleAt).toISOString(),
      checkedAt: row.checkedAt,
      reasons: [`Not checked since ${row.checkedAt}; it was ${state} then.`],
    };
  return { state, since: row.since, checkedAt: row.checkedAt, reasons: texts.parse(JSON.parse(row.reasons)) };
}
