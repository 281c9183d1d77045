// Starts a conversation: selects the agent and opens an empty page. The first message creates the session.
import type { Agent, Server } from '@buoy/contract';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { serverPath } from '../../paths.ts';
import { randomKey } from '../../random-key.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { uiTexts } from '../../ui/texts.ts';
import { VisibleText } from '../../ui/visible-text.tsx';
import { agentsQuery } from '../agents/agent-queries.ts';
import { newChatKey } from './session-name.ts';
import { sessionTexts } from './texts.ts';

export function NewChat({ server }: { server: Server }) {
  const t = useTexts(sessionTexts);
  const [isAsking, setAsking] = useState(false);
  return (
    <>
      <Button variant="primary" onClick={() => setAsking(true)}>
        {t.newChat}
      </Button>
      {isAsking && <ChooseAgent serverId={server.id} onClose={() => setAsking(false)} />}
    </>
  );
}

function ChooseAgent({ serverId, onClose }: { serverId: string; onClose: () => void }) {
  const { api } = useServices();
  const t = useTexts(sessionTexts);
  const { cancel } = useTexts(uiTexts);
  const { data, error } = useQuery(agentsQuery(api, serverId));
  const [unique] = useState(() => randomKey().slice(0, 12));
  const path = ({ id }: Agent) => serverPath(serverId, 'sessions', newChatKey(id, unique));
  return (
    <Dialog title={t.newChatTitle} onClose={onClose}>
      <p className="mt-3 text-sm text-muted">{t.newChatWith}</p>
      {error !== null && <ProblemNote problem={error} />}
      {data === undefined && error === null && <Skeleton label={t.loadingAgents} rows={1} />}
      {data !== undefined && (
        <ul className="mt-3 divide-y divide-line rounded-md border border-line">
          {data.agents.map((agent) => (
            <li key={agent.id}>
              <a
                {...linkTo(path(agent))}
                className="flex min-h-11 items-center gap-2 px-4 py-2 text-sm text-ink no-underline hover:bg-inset focus-visible:-outline-offset-2"
              >
                {agent.emoji !== null && <span aria-hidden="true">{agent.emoji}</span>}
                <span className="font-medium">
                  <VisibleText text={agent.name} />
                </span>
                <span className="text-muted">
                  {[agent.model, agent.isDefault ? t.defaultAgent : null]
                    .filter((part) => part !== null)
                    .join(' · ')}
                </span>
              </a>
            </li>
          ))}
        </ul>
      )}
      <div className="mt-5 flex justify-end">
        <Button onClick={onClose}>{cancel}</Button>
      </div>
    </Dialog>
  );
}
