// All agents of a server, each in one row that leads to its page.
import type { Agent, Server } from '@buoy/contract';
import { useQuery } from '@tanstack/react-query';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { serverPath } from '../../paths.ts';
import { useServices } from '../../services.ts';
import { buttonClass } from '../../ui/button.tsx';
import { EmptyNote } from '../../ui/empty-note.tsx';
import { ReadPanel } from '../../ui/read-panel.tsx';
import { VisibleText } from '../../ui/visible-text.tsx';
import { agentPath, NEW_AGENT } from './agent-paths.ts';
import { agentsQuery, sessionCountsQuery } from './agent-queries.ts';
import { agentTexts } from './texts.ts';

export function AgentsList({ server }: { server: Server }) {
  const { api } = useServices();
  const t = useTexts(agentTexts);
  const agents = useQuery(agentsQuery(api, server.id));
  const sessions = useQuery(sessionCountsQuery(api, server.id)).data;
  const isViewer = server.role === 'viewer';
  return (
    <div className="space-y-4">
      {isViewer ? (
        <p className="text-sm text-muted">{t.viewer}</p>
      ) : (
        <a {...linkTo(serverPath(server.id, 'agents', NEW_AGENT))} className={buttonClass('primary')}>
          {t.newAgent}
        </a>
      )}
      <ReadPanel title={t.agents} loading={t.loading} rows={2} query={agents}>
        {(answer) =>
          answer.agents.length === 0 ? (
            <EmptyNote title={t.none}>{t.noneHint}</EmptyNote>
          ) : (
            <ul aria-label={t.agents} className="-my-4 divide-y divide-line">
              {answer.agents.map((agent) => (
                <AgentRow
                  key={agent.id}
                  agent={agent}
                  path={agentPath(server.id, agent.id)}
                  sessions={
                    sessions === undefined
                      ? null
                      : t.sessionCount(sessions.counts[agent.id] ?? 0, sessions.isMore)
                  }
                />
              ))}
            </ul>
          )
        }
      </ReadPanel>
    </div>
  );
}

/** @param sessions as text; null until they are counted */
function AgentRow({ agent, path, sessions }: { agent: Agent; path: string; sessions: string | null }) {
  const t = useTexts(agentTexts);
  const facts = [
    agent.model ?? t.noModel,
    sessions,
    agent.bindings === 0 ? null : t.bindingCount(agent.bindings),
  ].filter((fact) => fact !== null);
  return (
    <li>
      <a
        {...linkTo(path)}
        className="-mx-2 flex min-h-16 items-center gap-3 rounded-md px-2 py-2.5 no-underline hover:bg-inset"
      >
        <span aria-hidden="true" className="w-8 shrink-0 text-center text-xl">
          {agent.emoji ?? '·'}
        </span>
        <span className="min-w-0 flex-1">
          <span className="flex flex-wrap items-center gap-x-2 font-medium">
            <VisibleText text={agent.name} />
            {agent.name !== agent.id && (
              <span className="font-mono text-xs font-normal text-muted">
                <VisibleText text={agent.id} />
              </span>
            )}
            {agent.isDefault && (
              <span className="rounded border border-edge px-1.5 text-xs font-normal text-muted">
                {t.isDefault}
              </span>
            )}
          </span>
          <span className="mt-0.5 block text-sm text-muted">
            <VisibleText text={facts.join(' · ')} />
          </span>
        </span>
        <span aria-hidden="true" className="text-muted">
          ›
        </span>
      </a>
    </li>
  );
}
