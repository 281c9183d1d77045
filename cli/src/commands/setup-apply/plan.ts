// What is to be done for each server of the file: found by reading alone.
import type { Server, Task } from '@buoy/contract';
import { atOnce } from '@buoy/contract/at-once';
import type { Client } from '@buoy/contract/client';
import { taskTypes } from '@buoy/contract/constants';
import type { Context } from '../../command.ts';
import { failureOf } from '../../failure-of.ts';
import { allServers } from '../../resolve-server.ts';
import {
  isMoved,
  type PlannedChange,
  type RecordChange,
  recordChanges,
  type SetupFacts,
  setupChanges,
  setupNotes,
} from './differences.ts';
import { type MatchedServer, matchServers, nameWithOwner, type ServerProblem } from './match-servers.ts';
import { readSetupFacts } from './read-setup-facts.ts';
import type { DescribedServer, DescribedSetup } from './servers-file.ts';

/** Servers at a time, to limit the load on Buoy. */
export const MAX_AT_ONCE = 4;
const PAGE = 200;

/** `unseen`: known once the server has been added or moved. `follow`: a setup runs there already. */
export type SetupPlan =
  | { kind: 'none' }
  | { kind: 'as described' }
  | { kind: 'start'; setup: DescribedSetup; changes: PlannedChange[]; facts: SetupFacts }
  | { kind: 'follow'; setup: DescribedSetup; task: Task }
  | { kind: 'unseen'; setup: DescribedSetup };

export type ServerPlan = MatchedServer & {
  changes: RecordChange[];
  setup: SetupPlan;
  /** `deploy@web.example:2222 through gate`: where it is now, or will be added. */
  address: string;
  /** Differences that stay, each as a sentence. */
  notes: string[];
};

/** In the order of the file. @throws ApiError, when Buoy refuses to say which servers there are */
export async function planServers(
  context: Context,
  described: readonly DescribedServer[],
): Promise<ServerPlan[]> {
  const api = context.api();
  const { user } = await api('GET /me');
  const servers = await allServers(api);
  const running = await runningSetups(api);
  const nameOf = (id: string) => {
    const found = servers.find((server) => server.id === id);
    return found === undefined ? id : nameWithOwner(found, user.id);
  };
  return atOnce(matchServers(described, servers, user.id), MAX_AT_ONCE, async (matched) => {
    const { server, jump } = matched;
    const changes =
      server === null || matched.problem !== null
        ? []
        : recordChanges(matched.described, server, jump, nameOf);
    const address = addressOf(matched, nameOf);
    const plan: ServerPlan = { ...matched, changes, address, setup: { kind: 'none' }, notes: [] };
    if (plan.problem !== null) return plan;
    try {
      return { ...plan, ...(await planSetup(api, plan, running)) };
    } catch (error) {
      return { ...plan, problem: problemOf(context, error) };
    }
  });
}

function addressOf({ described, server, jump }: MatchedServer, nameOf: (id: string) => string): string {
  const { username, host, port = 22 } = server ?? described;
  const kept = server?.jumpServerId == null ? null : nameOf(server.jumpServerId);
  const through = server === null ? (jump?.name ?? null) : kept;
  return `${username}@${host}${port === 22 ? '' : `:${port}`}${through === null ? '' : ` through ${through}`}`;
}

async function planSetup(
  api: Client,
  { described, server, changes }: ServerPlan,
  running: ReadonlyMap<string, Task>,
): Promise<Pick<ServerPlan, 'setup' | 'notes'>> {
  const { setup } = described;
  if (setup === null) return { setup: { kind: 'none' }, notes: [] };
  if (server === null || isMoved(changes) || isKeyChanged(changes))
    return { setup: { kind: 'unseen', setup }, notes: [] };
  const task = running.get(server.id);
  if (task !== undefined) return { setup: { kind: 'follow', setup, task }, notes: [] };
  return planFrom(setup, await readSetupFacts(api, server.id, setup), server);
}

/** What a setup would do on a server that was read. */
export function planFrom(
  setup: DescribedSetup,
  facts: SetupFacts,
  { id }: Pick<Server, 'id'>,
): Pick<ServerPlan, 'setup' | 'notes'> {
  const changes = setupChanges(setup, facts);
  return {
    setup: changes.length === 0 ? { kind: 'as described' } : { kind: 'start', setup, changes, facts },
    notes: setupNotes(setup, facts, id),
  };
}

/** By the id of their server. */
async function runningSetups(api: Client): Promise<Map<string, Task>> {
  const running = new Map<string, Task>();
  for (const status of ['queued', 'running'] as const) {
    let cursor: string | undefined;
    do {
      const page = await api('GET /tasks', { query: { status, limit: PAGE, cursor } });
      for (const task of page.tasks)
        if (task.type === taskTypes.setup && task.serverId !== null) running.set(task.serverId, task);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
  }
  return running;
}

/** Whether a secret would go to a host key that neither the file nor Buoy knows: a person must see it first. */
export function isKeyUnknown({ described, server, changes, problem }: ServerPlan): boolean {
  if (problem !== null || described.hostKey !== undefined) return false;
  return server === null || (server.hostKey === null && isMoved(changes));
}

function isKeyChanged(changes: readonly RecordChange[]): boolean {
  return changes.some(({ field }) => field === 'host key');
}

/** @throws the error if it is none that a server or Buoy can give, or after Ctrl-C */
export function problemOf(context: Context, error: unknown): ServerProblem {
  const failure = context.terminal.signal.aborted ? null : failureOf(error, context.terminal);
  if (failure === null) throw error;
  return { error: failure.message, code: failure.code, hint: failure.hint };
}

/** Whether anything would be done for the server. */
export function isIdle({ server, changes, setup, problem }: ServerPlan): boolean {
  if (problem !== null) return true;
  return server !== null && changes.length === 0 && (setup.kind === 'none' || setup.kind === 'as described');
}
