// Pending decisions of one person, collected from all servers in parallel; servers that do not answer delay nobody.
import { setImmediate as othersTurn } from 'node:timers/promises';
import type { Inbox, InboxItem, Server } from '@buoy/contract';
import { includesRole } from '../access/access.policy.ts';
import { isAppError } from '../lib/app-error.ts';
import type { Clock } from '../lib/clock.ts';
import { createFairSlots } from '../lib/fair-slots.ts';
import type { Logger } from '../lib/logger.ts';
import type { Approvals } from '../openclaw/approvals/approvals.ts';
import type { Pairing } from '../openclaw/pairing/pairing.ts';
import type { Servers } from '../servers/servers.ts';
import type { Admission } from '../users/admission.ts';
import type { Caller } from '../users/caller.ts';
import { allItems, itemsOf, type ServerItems } from './within-bounds.ts';

/** Servers asked at the same time. */
const MAX_AT_ONCE = 16;
/** Milliseconds that one server may take; over a kept connection it is some tens. */
const SERVER_MS = 2_000;
/** Milliseconds for a server that took all its time a short while ago: many of them must not make every answer slow. */
const SILENT_SERVER_MS = 250;
/** Milliseconds for which a server counts as silent after that. */
const SILENT_FOR_MS = 60_000;
/** Milliseconds for the whole answer. */
const TOTAL_MS = 10_000;
const MORE_WAITS = 'Too much waits there for the inbox. The rest is on the pages of this server.';

type Question = { server: Server; signal: AbortSignal; deadlineMs: number };

export function createInbox({
  servers,
  pairing,
  approvals,
  accessRequests,
  clock,
  logger,
}: {
  servers: Pick<Servers, 'all'>;
  pairing: Pick<Pairing, 'pending'>;
  approvals: Pick<Approvals, 'pending'>;
  accessRequests: Pick<Admission, 'waiting'>;
  clock: Clock;
  logger: Logger;
}) {
  /** The servers where the caller may act. */
  async function serversOf(caller: Caller): Promise<Server[]> {
    // A read-only token cannot act anywhere.
    if (caller.apiToken !== null && !caller.apiToken.scopes.some(mayAct)) return [];
    return (await servers.all(caller)).filter(
      (server) => includesRole(server.role, 'admin') && server.openclaw.installed !== false,
    );
  }

  /** Whether the caller may act on a server now: a slow server delays the answer, and a role may end in that time. */
  async function actsOn(caller: Caller): Promise<(of: { serverId: string }) => boolean> {
    if (caller.user.isSuperAdmin) return () => true;
    const ids = new Set((await serversOf(caller)).map(({ id }) => id));
    return ({ serverId }) => ids.has(serverId);
  }

  async function ask({ server, signal, deadlineMs }: Question): Promise<InboxItem[]> {
    const place = placeOf(server);
    const limits = { deadlineMs, signal };
    const [requests, commands] = await Promise.all([
      pairing.pending(server.id, limits),
      approvals.pending(server.id, limits),
    ]);
    return [
      ...requests.map((request) => ({ type: 'pairing' as const, ...place, pairing: request })),
      ...commands
        .filter(({ status }) => status === 'pending')
        .map((approval) => ({ type: 'approval' as const, ...place, approval })),
    ];
  }

  /** When a server last took all its time. A hint of this process: another one finds out by itself. */
  const silentAt = new Map<string, number>();
  const isSilent = ({ id }: Server): boolean =>
    clock.now() - (silentAt.get(id) ?? -SILENT_FOR_MS) < SILENT_FOR_MS;

  return {
    async read(caller: Caller, { signal }: { signal: AbortSignal }): Promise<Inbox> {
      const startedAt = clock.now();
      for (const [id, at] of silentAt) if (startedAt - at >= SILENT_FOR_MS) silentAt.delete(id);
      const answers: ServerItems[] = [];
      const unreachable: Inbox['unreachable'] = [];
      const askOne = async (server: Server): Promise<void> => {
        const beganAt = clock.now();
        const left = startedAt + TOTAL_MS - beganAt;
        const deadlineMs = Math.min(isSilent(server) ? SILENT_SERVER_MS : SERVER_MS, left);
        try {
          if (deadlineMs <= 0) throw new Error('no time left');
          answers.push(itemsOf(server, await ask({ server, signal, deadlineMs })));
          silentAt.delete(server.id);
        } catch (error) {
          if (isAppError(error, 'not_installed', 'not_found')) return;
          if (!isAppError(error) && deadlineMs > 0)
            logger.error({ serverId: server.id, err: error }, 'could not read the inbox of a server');
          // Only after all of its time: a server that needs more than the short one would stay hidden.
          if (deadlineMs === SERVER_MS && clock.now() - beganAt >= SERVER_MS)
            silentAt.set(server.id, clock.now());
          const reason = isAppError(error) ? error.message : 'This server could not be read in time.';
          unreachable.push({ ...placeOf(server), reason });
        }
      };
      const asking = await serversOf(caller);
      const slots = createFairSlots({ limit: MAX_AT_ONCE });
      const quickFirst = [...asking.filter((one) => !isSilent(one)), ...asking.filter(isSilent)];
      await Promise.all(
        quickFirst.map(async (server) => {
          // The servers of one owner, silent by intent perhaps, must not take the time of all others.
          const leave = await slots.acquire(server.owner?.id ?? '', signal);
          try {
            await askOne(server);
            // A server that is known to be unreachable answers without yielding to the event loop.
            await othersTurn();
          } finally {
            leave();
          }
        }),
      );
      const isStillTheirs = await actsOn(caller);
      const { items, cut } = allItems(answers.filter(({ server }) => isStillTheirs(placeOf(server))));
      return {
        items,
        accessRequests: mayApprove(caller) ? await accessRequests.waiting() : [],
        unreachable: [
          ...unreachable.filter(isStillTheirs),
          ...cut.map((server) => ({ ...placeOf(server), reason: MORE_WAITS })),
        ],
      };
    },
  };
}

function placeOf({ id, name }: Server): { serverId: string; serverName: string } {
  return { serverId: id, serverName: name };
}

export type InboxReader = ReturnType<typeof createInbox>;

/** A token decides about people only with the scope that its routes take. */
function mayApprove({ user, apiToken }: Caller): boolean {
  return user.isSuperAdmin && (apiToken === null || apiToken.scopes.includes('admin'));
}

function mayAct(scope: string): boolean {
  return scope === 'operate' || scope === 'admin';
}
