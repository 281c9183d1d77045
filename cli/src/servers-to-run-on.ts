// Chooses the servers of `servers exec --tag` and `--all`: the caller's own. Anybody may share a server with the caller, under any tag,
// and would get the command and its input; servers of other people are included only on demand.
import type { Server } from '@buoy/contract';
import { CommandError, type Context, type Flags, isSet } from './command.ts';
import { confirm } from './confirm.ts';
import { cleanLine } from './output/terminal-text.ts';
import { allServers, ownerName, wasAddedOrTakenBy } from './resolve-server.ts';

/**
 * Tells which servers of other people are left out; with --shared it shows them and asks.
 * @param tag undefined: all servers. @throws CommandError for no server, and as `confirm`
 */
export async function serversToRunOn(
  context: Context & Flags<'shared' | 'yes'>,
  tag: string | undefined,
): Promise<Server[]> {
  const api = context.api();
  const servers = await allServers(api, tag === undefined ? {} : { tag });
  const list = 'List them: buoy servers list';
  if (servers.length === 0)
    throw new CommandError(
      tag === undefined ? 'There are no servers.' : `No server has the tag "${tag}".`,
      list,
    );
  const { user } = await api('GET /me');
  const isOwn = (server: Server) => wasAddedOrTakenBy(server, user.id);
  const mayRun = ({ role }: Server) => role !== 'viewer';
  const others = servers.filter((server) => !isOwn(server));
  noteLeftOut(context, others);
  const chosen = servers.filter(isSet(context, 'shared') ? mayRun : isOwn);
  if (chosen.length === 0) throw new CommandError('None of these servers is left to run it on.', list);
  if (isSet(context, 'shared')) await confirmShared(context, others.filter(mayRun));
  return chosen;
}

/** @param others servers of other people */
function noteLeftOut(context: Context & Flags<'shared'>, others: readonly Server[]): void {
  const { output } = context;
  const viewed = others.filter(({ role }) => role === 'viewer');
  const shared = others.filter(({ role }) => role !== 'viewer');
  if (shared.length > 0 && !isSet(context, 'shared'))
    output.note(
      shared.length === 1
        ? `1 server of another person was left out: ${namesOf(shared)}. Add --shared to include it.`
        : `${shared.length} servers of other people were left out: ${namesOf(shared)}. Add --shared to include them.`,
    );
  if (viewed.length > 0) output.note(`Left out, because you may only view them: ${namesOf(viewed)}.`);
}

function namesOf(servers: readonly Server[]): string {
  return servers.map(({ name }) => cleanLine(name)).join(', ');
}

async function confirmShared(context: Context & Flags<'yes'>, shared: readonly Server[]): Promise<void> {
  if (shared.length === 0 || isSet(context, 'yes')) return;
  context.output.note('These servers belong to other people:');
  for (const server of shared)
    context.output.note(cleanLine(`  ${server.name} of ${ownerName(server)} at ${server.host}`));
  await confirm(context, 'Run the command on them too?');
}
