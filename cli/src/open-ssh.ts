// The own ssh of who asks, to a server as Buoy reaches it: address, port, login, and the servers on the way.

import type { Server } from '@buoy/contract';
import { CommandError, type Context } from './command.ts';
import { commandLine } from './output/command-line.ts';

/** Servers on the way, at most; Buoy refuses circles, and a long chain is one. */
const MAX_JUMPS = 8;

export type Way = {
  /** The first to log in to stands first. */
  jumps: Server[];
  /** There is one more that the caller does not see. */
  isCut: boolean;
};

/** @param servers all that the caller sees */
export function wayTo(server: Server, servers: readonly Server[]): Way {
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

/**
 * The words after `ssh`.
 * @throws CommandError for a login name that -J cannot carry
 */
export function sshWords({ host, port, username }: Server, jumps: readonly Server[]): string[] {
  const through = jumps.map((jump) => {
    // ssh takes this list apart itself and hands the parts to a shell.
    if (!/^[\w][\w.-]*$/.test(jump.username))
      throw new CommandError(
        `The login of ${jump.name}, which is on the way, cannot be written for ssh -J.`,
        'Set the way up in ~/.ssh/config and use ssh itself.',
      );
    return `${jump.username}@${jump.host.includes(':') ? `[${jump.host}]` : jump.host}:${jump.port}`;
  });
  return [
    ...(through.length === 0 ? [] : ['-J', through.join(',')]),
    ...['-p', String(port), '-l', username, '--', host],
  ];
}

/** Answers what ssh ended with. @throws CommandError when it cannot be started */
export async function openSsh({ terminal, output }: Context, server: Server, way: Way): Promise<number> {
  if (server.jumpServerRemoved)
    output.note(`The jump server of ${server.name} was removed; ssh tries without it.`);
  if (way.isCut)
    output.note(
      `The way to ${server.name} leads through a server that you do not see; ssh tries without it.`,
    );
  const words = sshWords(server, way.jumps);
  try {
    return await terminal.runProgram('ssh', words);
  } catch {
    throw new CommandError(
      'The program ssh could not be started.',
      `Install it, or by hand: ${commandLine('ssh', ...words)}`,
    );
  }
}
