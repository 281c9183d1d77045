// The own ssh of who asks, to a server as Buoy reaches it: address, port, login, and the servers on the way.

import type { Server } from '@buoy/contract';
import { CommandError, type Context } from './command.ts';
import { commandLine } from './output/command-line.ts';
import { writeSshConfig } from './ssh-config.ts';

/** Servers on the way, at most; Buoy refuses circles, and a long chain is one. */
const MAX_JUMPS = 8;

export type SshRoute = {
  /** The first to log in to stands first. */
  jumps: Server[];
  /** There is one more that the caller does not see. */
  isCut: boolean;
};

/** @param servers all that the caller sees */
export function routeTo(server: Server, servers: readonly Server[]): SshRoute {
  const jumps: Server[] = [];
  let next = server.jumpServerId;
  while (next !== null && jumps.length < MAX_JUMPS) {
    const jump = servers.find(({ id }) => id === next);
    if (jump === undefined) return { jumps, isCut: true };
    jumps.unshift(jump);
    next = jump.jumpServerId;
  }
  return { jumps, isCut: false };
}

export type SshExtras = {
  /** As `-L` takes it. */
  forwards: readonly string[];
  identity: string | undefined;
  /** What runs there instead of a shell. */
  command: readonly string[];
};

/** Answers what ssh ended with. @throws CommandError when it cannot be started */
export async function openSsh(
  { terminal, output }: Context,
  server: Server,
  way: SshRoute,
  { forwards, identity, command }: SshExtras,
): Promise<number> {
  if (server.jumpServerRemoved)
    output.note(`The jump server of ${server.name} was removed; ssh tries without it.`);
  if (way.isCut)
    output.note(
      `${server.name} is reached through a server that you have no access to; ssh tries without it.`,
    );
  if (server.hostKey === null)
    output.note(`Buoy knows no host key of ${server.name} yet; ssh asks you about it.`);
  const config = writeSshConfig(server, way.jumps);
  try {
    return await terminal.runProgram('ssh', [
      ...['-F', config.file],
      ...forwards.flatMap((forward) => ['-L', forward]),
      ...(identity === undefined ? [] : ['-i', identity]),
      ...['--', config.host, ...command],
    ]);
  } catch {
    const { host, port, username } = server;
    throw new CommandError(
      'The program ssh could not be started.',
      `Install it, or connect by hand: ${commandLine('ssh', '-p', String(port), '-l', username, '--', host)}`,
    );
  } finally {
    config.remove();
  }
}
