// Resolves the arguments SERVER and AGENT.
import type { Agent } from '@buoy/contract';
import { choose } from '../../choose.ts';
import { type Args, arg, type Context } from '../../command.ts';
import { commandLine } from '../../output/command-line.ts';
import { serverIn } from '../../resolve-server.ts';

/** Finds the agent by id, name or the beginning of a name. */
export async function agentIn(context: Context & Args<'server' | 'agent'>) {
  const { api, id, name } = await serverIn(context);
  const answer = await api('GET /servers/:id/openclaw/agents', { params: { id } });
  const agent: Agent = choose(answer.agents, arg(context, 'agent'), {
    singular: 'agent',
    plural: 'agents',
    where: ` on ${name}`,
    id: (one) => one.id,
    names: (one) => [one.name],
    list: commandLine('buoy', 'openclaw', 'agents', 'list', id),
  });
  const { source, observedAt } = answer;
  return { api, serverName: name, agent, params: { id, agentId: agent.id }, source, observedAt };
}
