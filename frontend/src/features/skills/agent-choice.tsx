// Selects the agent; hidden if there is only one.

import type { Server } from '@buoy/contract';
import { visibleText } from '@buoy/contract/visible-text';
import { useQuery } from '@tanstack/react-query';
import { useServices } from '../../services.ts';
import { controlClass, Field } from '../../ui/field.tsx';
import { agentsQuery } from '../agents/agent-queries.ts';

/** @param none what it means when none is chosen */
export function AgentChoice({
  server,
  label,
  none,
  agentId,
  onChoose,
}: {
  server: Server;
  label: string;
  none: string;
  /** Empty: none. */
  agentId: string;
  onChoose: (agentId: string) => void;
}) {
  const { api } = useServices();
  const { data } = useQuery(agentsQuery(api, server.id));
  const agents = data?.agents ?? [];
  if (agents.length < 2 && agentId === '') return null;
  return (
    <Field label={label}>
      {(control) => (
        <select
          {...control}
          value={agentId}
          onChange={({ target }) => onChoose(target.value)}
          className={controlClass}
        >
          <option value="">{none}</option>
          {agentId !== '' && agents.every(({ id }) => id !== agentId) && (
            <option value={agentId}>{visibleText(agentId)}</option>
          )}
          {agents.map(({ id, name }) => (
            <option key={id} value={id}>
              {visibleText(name === id ? id : `${name} (${id})`)}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
