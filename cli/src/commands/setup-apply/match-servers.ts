// Finds the servers of Buoy that the file describes. Anybody may share a server under any name, so a name alone stands only for the
// caller's own server; keys and passwords must not reach another one.
import type { Server } from '@buoy/contract';
import { withId } from '../../choose.ts';
import { ownerName, wasAddedOrTakenBy } from '../../resolve-server.ts';
import type { JumpChoice } from './differences.ts';
import type { DescribedServer } from './servers-file.ts';

/** Why nothing is done on a server. */
export type ServerProblem = { error: string; code: string; hint: string | null };

export type MatchedServer = {
  described: DescribedServer;
  /** null: it is to be added. */
  server: Server | null;
  jump: JumpChoice;
  /** Whose server it is, if the caller neither added nor took it; null as well for one that is to be added. */
  owner: string | null;
  problem: ServerProblem | null;
};

/** @param servers all that the caller sees. @param userId the caller */
export function matchServers(
  described: readonly DescribedServer[],
  servers: readonly Server[],
  userId: string,
): MatchedServer[] {
  const own = (name: string) =>
    servers.find((server) => server.name === name && wasAddedOrTakenBy(server, userId)) ?? null;
  const found = described.map((one) => {
    const server = one.id === undefined ? own(one.name) : (servers.find(({ id }) => id === one.id) ?? null);
    const isOwn = server === null || wasAddedOrTakenBy(server, userId);
    const owner = isOwn ? null : ownerName(server);
    return { described: one, server, owner, problem: problemOf(one, server, servers, userId) };
  });
  const jumpOf = ({ jump }: DescribedServer): JumpChoice | 'unknown' => {
    if (jump === undefined || jump === null) return jump;
    const inFile = found.find((one) => one.described.name === jump);
    if (inFile?.server === null) return { id: null, name: jump };
    const there = inFile?.server ?? servers.find(({ id }) => id === jump) ?? own(jump);
    return there === null ? 'unknown' : { id: there.id, name: nameWithOwner(there, userId) };
  };
  const taken = new Set<string>();
  return found.map((one) => {
    const jump = jumpOf(one.described);
    const matched = { ...one, jump: jump === 'unknown' ? undefined : jump };
    if (one.problem !== null) return matched;
    if (jump === 'unknown')
      return { ...matched, problem: problem(`There is no jump server "${one.described.jump}".`, LIST_HINT) };
    if (one.server !== null && taken.has(one.server.id))
      return {
        ...matched,
        problem: problem(`${withId(one.server.name, one.server.id)} stands twice in the file.`, null),
      };
    if (one.server !== null) taken.add(one.server.id);
    return matched;
  });
}

/** `gate` for the caller's own server, else `gate (srv_1) of Bob (2)`: what goes through it, or to it, is in other hands. */
export function nameWithOwner(server: Server, userId: string): string {
  const { name, id } = server;
  return wasAddedOrTakenBy(server, userId) ? name : `${withId(name, id)} of ${ownerName(server)}`;
}

const LIST_HINT =
  'Name a server of the file, or one of your own; the id of one that somebody shared with you. List them: buoy servers list';

function problemOf(
  described: DescribedServer,
  server: Server | null,
  servers: readonly Server[],
  userId: string,
): ServerProblem | null {
  const { id, name, auth } = described;
  if (server !== null)
    return server.role === 'viewer'
      ? problem(
          `You have view access to ${withId(server.name, server.id)}.`,
          'Ask its owner for the role admin.',
        )
      : null;
  if (id !== undefined)
    return problem(
      `There is no server with the id ${id} that you can see.`,
      'List them: buoy servers list --json',
    );
  const others = servers.find((one) => one.name === name && isMeant(one, described, userId));
  if (others !== undefined)
    return problem(
      `${withId(name, others.id)} of ${ownerName(others)} has this name, so it is not clear which server is meant.`,
      `To work on that server, write id: ${others.id} beside the name; else choose another name.`,
    );
  return auth === undefined
    ? problem(
        'It is not in Buoy, and the file does not say how to log in.',
        'Give it auth: a password or a privateKey.',
      )
    : null;
}

/** Whether a server that the caller neither added nor took may be the described one: adding it would make a second record of it. */
function isMeant(server: Server, { host, port = 22, username }: DescribedServer, userId: string): boolean {
  if (server.owner?.id === userId) return true;
  return server.host === host && server.port === port && server.username === username;
}

function problem(error: string, hint: string | null): ServerProblem {
  return { error, code: 'cli', hint };
}
