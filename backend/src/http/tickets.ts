// Tickets stand in for the Authorization header where a browser cannot send one: they open one WebSocket, once, within seconds.
import { AppError } from '../lib/app-error.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import { newSecret, sha256 } from '../lib/ids.ts';
import type { Caller } from '../users/caller.ts';

/** Milliseconds: the page uses its ticket at once, no person waits in between. */
const LIFE_MS = 30_000;

export type Tickets = ReturnType<typeof createTickets>;

/** Kept in memory only and as hashes: what a restart forgets, nobody has missed. */
export function createTickets({ clock }: { clock: Clock }) {
  /** By hash, the oldest first: all live equally long. */
  const issued = new Map<string, { caller: Caller; serverId: string; endsAt: number }>();

  const forgetTheOld = (): void => {
    for (const [hash, { endsAt }] of issued) {
      if (endsAt > clock.now()) return;
      issued.delete(hash);
    }
  };

  return {
    /** A ticket for this caller, in this session, on this server. */
    issue(caller: Caller, serverId: string): { value: string; expiresAt: string } {
      forgetTheOld();
      const value = newSecret();
      const endsAt = clock.now() + LIFE_MS;
      issued.set(sha256(value), { caller, serverId, endsAt });
      return { value, expiresAt: isoTime(endsAt) };
    },

    /** Who got this ticket for this server, while it is good; it stays so. */
    holder(value: string, serverId: string | undefined): Caller | null {
      const ticket = issued.get(sha256(value));
      return ticket === undefined || ticket.endsAt <= clock.now() || ticket.serverId !== serverId
        ? null
        : ticket.caller;
    },

    /**
     * The holder of this ticket, which is used up, even by a wrong resource. Whether they still have access is for
     * authorization to decide.
     * @throws AppError 401 when it is used, too old, unknown or for another server
     */
    redeem(value: string, serverId: string | undefined): Caller {
      const hash = sha256(value);
      const ticket = issued.get(hash);
      issued.delete(hash);
      if (ticket === undefined || ticket.endsAt <= clock.now() || ticket.serverId !== serverId)
        throw new AppError(
          'unauthenticated',
          'This ticket is not valid: it was used, has expired or never existed.',
          {
            hint: 'A ticket works once, within 30 s, on the server that it was made for. Ask for another one.',
          },
        );
      return ticket.caller;
    },
  };
}
