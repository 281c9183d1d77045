// Terminals of servers: how many there may be, and what is written down of each. What is typed and shown is kept nowhere.
import type { Trail } from '../audit/trail.ts';
import { AppError } from '../lib/app-error.ts';
import type { Clock } from '../lib/clock.ts';
import type { Servers } from '../servers/servers.ts';
import type { ShellSize, Ssh } from '../ssh/ssh.ts';
import type { Caller } from '../users/caller.ts';
import { relayShell, type TerminalSocket } from './relay-shell.ts';

/** Over all servers: whoever has more has forgotten some. */
const MAX_PER_PERSON = 6;
/** Each takes one of the sessions that sshd gives to a connection (MaxSessions, 10), which commands need too. */
const MAX_PER_SERVER = 4;
/** Milliseconds for the shell to begin, connecting included. */
const OPENING_MS = 20_000;

export type Terminals = ReturnType<typeof createTerminals>;

export function createTerminals(parts: {
  servers: Pick<Servers, 'find'>;
  ssh: Pick<Ssh, 'shell'>;
  clock: Clock;
}) {
  const { servers, ssh, clock } = parts;
  const open = new Set<{ userId: string; serverId: string }>();

  const checkRoom = (userId: string, serverId: string): void => {
    const all = [...open];
    const ofPerson = all.filter((one) => one.userId === userId).length;
    const onServer = all.filter((one) => one.serverId === serverId).length;
    if (ofPerson < MAX_PER_PERSON && onServer < MAX_PER_SERVER) return;
    throw new AppError(
      'conflict',
      onServer >= MAX_PER_SERVER
        ? `This server has ${MAX_PER_SERVER} open terminals already, which is the most that it may have.`
        : `You have ${MAX_PER_PERSON} open terminals already, which is the most that one person may have.`,
      { hint: 'Close one of them; a terminal that nobody uses closes after 30 minutes.' },
    );
  };

  return {
    /** @throws AppError 409 when there are as many terminals as there may be */
    checkRoom,

    /**
     * Opens a shell on the server and leads it to the socket until one of the two ends. Its beginning and its end are in the audit log.
     * @throws AppError when it does not open or breaks off
     */
    async run(
      caller: Caller,
      serverId: string,
      size: ShellSize,
      socket: TerminalSocket,
      audit: Trail,
    ): Promise<void> {
      checkRoom(caller.user.id, serverId);
      const place = { userId: caller.user.id, serverId };
      open.add(place);
      const startedAt = clock.now();
      try {
        await audit.begin({ target: (await servers.find(caller, serverId)).name });
        const shell = await ssh.shell(serverId, size, { deadlineMs: OPENING_MS, signal: socket.signal });
        socket.send({ type: 'ready' });
        const exit = await relayShell(shell, socket, clock);
        if (exit !== null) socket.send({ type: 'exit', ...exit });
        audit.note({ details: exit === null ? { closed: true } : { ...exit } });
      } finally {
        open.delete(place);
        audit.note({ details: { durationMs: clock.now() - startedAt } });
      }
    },
  };
}
