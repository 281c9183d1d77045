// Resolves a user id to a name for the reader.
import type { Server } from '@buoy/contract';
import { useQuery } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { membersQuery } from './access-queries.ts';
import { personTexts } from './person-texts.ts';

/**
 * @param server undefined: not known yet, or it is about no server
 * @returns what a person is called by their id: names are for admins, everybody knows themselves
 */
export function usePersonName(server: Server | undefined): (userId: string) => string {
  const { api, session } = useServices();
  const t = useTexts(personTexts);
  const state = useSyncExternalStore(session.subscribe, session.state);
  const mayKnow = server !== undefined && server.role !== 'viewer';
  const { data: members = [] } = useQuery({
    ...membersQuery(api, server?.id ?? ''),
    enabled: mayKnow,
    refetchInterval: false,
  });
  return (userId) => {
    if (state.phase === 'signed-in' && state.user.id === userId) return t.you;
    if (server?.role === 'viewer') return t.another;
    const member = members.find((one) => one.userId === userId);
    return member?.firstName ?? member?.username ?? userId;
  };
}
