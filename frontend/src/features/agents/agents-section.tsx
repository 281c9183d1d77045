// The agents of a server: all of them, a new one, or one of them.
import { useQueryClient } from '@tanstack/react-query';
import type { SectionProps } from '../../page-props.ts';
import { requiresRefetch, useServerEvent } from '../events/server-events.tsx';
import { AgentPage } from './agent-page.tsx';
import { NEW_AGENT } from './agent-paths.ts';
import { agentsKey } from './agent-queries.ts';
import { AgentsList } from './agents-list.tsx';
import { NewAgentPage } from './new-agent-page.tsx';

export function AgentsSection({ server, rest: [agentId, part, ...rest] }: SectionProps) {
  const queries = useQueryClient();
  // Agents stand in the config.
  useServerEvent((event) => {
    if (event.event === 'config' || requiresRefetch(event))
      void queries.invalidateQueries({ queryKey: [...agentsKey(server.id), 'list'] });
  });
  if (agentId === undefined) return <AgentsList server={server} />;
  if (agentId === NEW_AGENT) return <NewAgentPage server={server} />;
  return <AgentPage key={agentId} server={server} agentId={agentId} part={part} rest={rest} />;
}
