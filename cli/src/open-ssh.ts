// Runs the local ssh to a server the way Buoy reaches it: address, port, login and jump servers.

import type { Server } from '@buoy/contract';
import { CommandError, type Context } from './command.ts';
import { commandLine } from './output/command-line.ts';
import { writeSshConfig } from './ssh-config.ts';

/** Maximum number of jump servers: Buoy refuses cycles, so a longer chain is one. */
const MAX_JUMPS = 8;

export type SshRoute = {
  /** In the order of login. */
  jumps: Server[];
  /** The chain contains a server that the caller has no access to. */
  isCut: boolean;
};

/** @param servers all servers that the caller has access to */
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
  /** In the form of `-L`. */
  forwards: readonly string[];
  identity: string | undefined;
  /** The remote command; empty opens a shell. */
  command: readonly string[];
};

/** Returns the exit code of ssh. @throws CommandError when ssh cannot be started */
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
