// The paths of the pages about agents.
import type { Agent, Server } from '@buoy/contract';
import { serverPath } from '../../paths.ts';

/** No agent can have this id. */
export const NEW_AGENT = '~new';

/** What is on the pages of one agent; the first one has the path of the agent itself. */
export const agentParts = ['settings', 'files', 'skills', 'bindings', 'keys'] as const;
export type AgentPart = (typeof agentParts)[number];

export function agentPath(
  serverId: string,
  agentId: string,
  part: AgentPart = 'settings',
  ...rest: string[]
): string {
  return serverPath(serverId, 'agents', agentId, ...(part === 'settings' ? [] : [part, ...rest]));
}

/** What each part of an agent's page is given. */
export type PartProps = { server: Server; agents: readonly Agent[]; agent: Agent };

/** Where the unsaved text of a file is kept. */
export function fileDraftKey(serverId: string, agentId: string, name: string): readonly string[] {
  return [serverId, 'agents', agentId, 'files', name];
}
