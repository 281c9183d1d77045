// Commands of this session that wait for approval; they are decided in the inbox.
import type { Server } from '@buoy/contract';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { useServices } from '../../services.ts';
import { buttonClass } from '../../ui/button.tsx';
import { WholeCommand } from '../../ui/visible-text.tsx';
import { requiresRefetch, useServerEvent } from '../events/server-events.tsx';
import { chatTexts } from './chat-texts.ts';
import { waitingApprovalsQuery } from './session-queries.ts';

/** For admins: nobody else is told. */
export function WaitingApprovals({ server, sessionKey }: { server: Server; sessionKey: string }) {
  const { api } = useServices();
  const t = useTexts(chatTexts);
  const queries = useQueryClient();
  const query = waitingApprovalsQuery(api, server.id);
  const { data } = useQuery(query);
  useServerEvent((event) => {
    if (event.event === 'approval' || requiresRefetch(event))
      void queries.invalidateQueries({ queryKey: query.queryKey });
  });
  const waiting = (data?.approvals ?? []).filter(
    (approval) => approval.sessionKey === sessionKey && approval.status === 'pending',
  );
  return (
    <div role="status">
      {waiting.map(({ id, command }) => (
        <div
          key={id}
          className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 rounded-md border border-unreachable/40 bg-unreachable/8 px-4 py-2 text-sm"
        >
          <div className="min-w-0">
            <p className="font-medium">{t.waitsForApproval}</p>
            <WholeCommand command={command} />
          </div>
          <a {...linkTo('/inbox')} className={buttonClass()}>
            {t.toInbox}
          </a>
        </div>
      ))}
    </div>
  );
}
