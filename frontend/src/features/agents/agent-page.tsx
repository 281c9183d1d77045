// One agent: who it is, and the parts of its page.
import type { Server } from '@buoy/contract';
import { useQuery } from '@tanstack/react-query';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { serverPath } from '../../paths.ts';
import { useServices } from '../../services.ts';
import { buttonClass } from '../../ui/button.tsx';
import { EmptyNote } from '../../ui/empty-note.tsx';
import { NotFound } from '../../ui/not-found.tsx';
import { OriginNote } from '../../ui/origin-note.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { SubNavigation } from '../../ui/sub-navigation.tsx';
import { VisibleText } from '../../ui/visible-text.tsx';
import { AgentBindings } from './agent-bindings.tsx';
import { AgentFilePage } from './agent-file-page.tsx';
import { AgentFiles } from './agent-files.tsx';
import { AgentKeys } from './agent-keys.tsx';
import { type AgentPart, agentParts, agentPath, type PartProps } from './agent-paths.ts';
import { agentsQuery } from './agent-queries.ts';
import { AgentSettings } from './agent-settings.tsx';
import { AgentSkills } from './agent-skills.tsx';
import { agentTexts } from './texts.ts';

/**
 * @param part undefined: the settings
 * @param rest behind the part, such as the name of a file
 */
export function AgentPage({
  server,
  agentId,
  part: wanted = 'settings',
  rest,
}: {
  server: Server;
  agentId: string;
  part: string | undefined;
  rest: readonly string[];
}) {
  const { api } = useServices();
  const t = useTexts(agentTexts);
  const { data, error } = useQuery(agentsQuery(api, server.id));
  const part = agentParts.find((one) => one === wanted);
  const agent = data?.agents.find(({ id }) => id === agentId);
  if (part === undefined) return <NotFound />;
  return (
    <div className="space-y-4">
      <div>
        <a {...linkTo(serverPath(server.id, 'agents'))} className={`${buttonClass('quiet')} -ml-4`}>
          ← {t.allAgents}
        </a>
        <h2 className="text-lg font-semibold tracking-tight">
          {agent?.emoji != null && <span aria-hidden="true">{agent.emoji} </span>}
          <VisibleText text={agent?.name ?? agentId} />{' '}
          <span className="font-mono text-sm font-normal text-muted">
            {agent?.name !== agentId && <VisibleText text={agentId} />}
          </span>
        </h2>
      </div>
      <SubNavigation
        label={t.parts}
        items={agentParts.map((one) => ({
          path: agentPath(server.id, agentId, one),
          title: t[`part_${one}`],
          isCurrent: one === part,
        }))}
      />
      {server.role === 'viewer' && <p className="text-sm text-muted">{t.viewer}</p>}
      {error !== null && <ProblemNote problem={error} />}
      {error !== null && data !== undefined && (
        <OriginNote source={data.source} observedAt={data.observedAt} />
      )}
      {data === undefined && error === null && <Skeleton label={t.loading} rows={3} />}
      {data !== undefined && agent === undefined && <EmptyNote title={t.unknownAgent} />}
      {data !== undefined && agent !== undefined && (
        <Part server={server} agents={data.agents} agent={agent} part={part} rest={rest} />
      )}
    </div>
  );
}

function Part({ part, rest: [name], ...of }: PartProps & { part: AgentPart; rest: readonly string[] }) {
  switch (part) {
    case 'settings':
      return <AgentSettings {...of} />;
    case 'files':
      return name === undefined ? <AgentFiles {...of} /> : <AgentFilePage key={name} {...of} name={name} />;
    case 'skills':
      return <AgentSkills {...of} />;
    case 'bindings':
      return <AgentBindings {...of} />;
    case 'keys':
      return <AgentKeys {...of} />;
  }
}
