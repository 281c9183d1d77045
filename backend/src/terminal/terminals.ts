// Terminals of servers: how many a server may have, and their audit entries. Input and output are not stored.
import type { AuditRecorder } from '../audit/audit-recorder.ts';
import { AppError } from '../lib/app-error.ts';
import type { Clock } from '../lib/clock.ts';
import type { Servers } from '../servers/servers.ts';
import type { ShellSize, Ssh } from '../ssh/ssh.ts';
import type { Caller } from '../users/caller.ts';
import { relayShell, type TerminalSocket } from './relay-shell.ts';

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
  /** Server id → terminals open on it from this process. */
  const open = new Map<string, number>();

  const checkRoom = (serverId: string): void => {
    if ((open.get(serverId) ?? 0) < MAX_PER_SERVER) return;
    throw new AppError(
      'conflict',
      `This server already has ${MAX_PER_SERVER} open terminals, which is the maximum.`,
      { hint: 'Close one of them; an idle terminal closes after 30 minutes.' },
    );
  };

  return {
    /** @throws AppError 409 when the server has as many terminals as it may have */
    checkRoom,

    /**
     * Opens a shell on the server and relays it to the socket until one of the two ends. The audit log records its start and end.
     * @throws AppError when it does not open or breaks off
     */
    async run(
      caller: Caller,
      serverId: string,
      size: ShellSize,
      socket: TerminalSocket,
      audit: AuditRecorder,
    ): Promise<void> {
      checkRoom(serverId);
      open.set(serverId, (open.get(serverId) ?? 0) + 1);
      const startedAt = clock.now();
      try {
        await audit.begin({ target: (await servers.find(caller, serverId)).name });
        const shell = await ssh.shell(serverId, size, { deadlineMs: OPENING_MS, signal: socket.signal });
        socket.send({ type: 'ready' });
        const exit = await relayShell(shell, socket, clock);
        if (exit !== null) socket.send({ type: 'exit', ...exit });
        audit.note({ details: exit === null ? { closed: true } : { ...exit } });
      } finally {
        const left = (open.get(serverId) ?? 1) - 1;
        if (left === 0) open.delete(serverId);
        else open.set(serverId, left);
        audit.note({ details: { durationMs: clock.now() - startedAt } });
      }
    },
  };
}
