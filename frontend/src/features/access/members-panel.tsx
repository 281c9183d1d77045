// The members of a server, the owner first.
import type { Server } from '@buoy/contract';
import { useQuery } from '@tanstack/react-query';
import { useState, useSyncExternalStore } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Panel } from '../../ui/panel.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { membersQuery } from './access-queries.ts';
import { ChangeMember, type MemberChange } from './change-member.tsx';
import { MemberRow } from './member-row.tsx';
import { accessTexts } from './texts.ts';

export function MembersPanel({ server }: { server: Server }) {
  const { api, session } = useServices();
  const t = useTexts(accessTexts);
  const { data, error } = useQuery(membersQuery(api, server.id));
  const state = useSyncExternalStore(session.subscribe, session.state);
  const [change, setChange] = useState<MemberChange | null>(null);
  const ownId = state.phase === 'signed-in' ? state.user.id : null;
  return (
    <Panel title={t.members}>
      {error !== null && (
        <div className="mb-3">
          <ProblemNote problem={error} />
        </div>
      )}
      {data === undefined && error === null && <Skeleton label={t.loadingMembers} rows={2} />}
      {data !== undefined && (
        <ul aria-label={t.members} className="divide-y divide-line">
          {data.map((member) => (
            <MemberRow
              key={member.userId}
              member={member}
              isSelf={member.userId === ownId}
              onChange={server.role === 'owner' && member.role !== 'owner' ? setChange : null}
            />
          ))}
        </ul>
      )}
      {data?.length === 1 && server.role === 'owner' && (
        <p className="mt-2 text-sm text-muted">{t.onlyYou}</p>
      )}
      {change !== null && <ChangeMember server={server} change={change} onClose={() => setChange(null)} />}
    </Panel>
  );
}
