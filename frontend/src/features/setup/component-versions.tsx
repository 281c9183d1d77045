// The versions of OpenClaw, of what runs it and of Ollama, beside the newest ones; asked for when a person opens them.
import type { ComponentVersion, Server } from '@buoy/contract';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { useServices } from '../../services.ts';
import { buttonClass } from '../../ui/button.tsx';
import { Facts } from '../../ui/facts.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { serversQuery } from '../servers/server-queries.ts';
import type { GatewayTasks } from '../servers/use-gateway-tasks.ts';
import { updatesQuery } from './setup-queries.ts';
import { UpdateAction } from './update-action.tsx';
import { updateTexts } from './update-texts.ts';

const names: Record<ComponentVersion['component'], string> = {
  openclaw: 'OpenClaw',
  node: 'Node.js',
  npm: 'npm',
  ollama: 'Ollama',
};

export function ComponentVersions({ server, tasks }: { server: Server; tasks: GatewayTasks }) {
  const { api } = useServices();
  const t = useTexts(updateTexts);
  const [isOpen, setIsOpen] = useState(false);
  const { data, error } = useQuery({ ...updatesQuery(api, server.id), enabled: isOpen });
  // As it was read for the list of servers; this panel asks for none.
  const servers = useQuery({ ...serversQuery(api), enabled: false }).data;
  const hasSeveral = servers === undefined || servers.filter(({ role }) => role !== 'viewer').length > 1;
  const openclaw = data?.components.find(({ component }) => component === 'openclaw');
  return (
    <details
      className="rounded-lg border border-line bg-surface px-4 py-1 sm:px-5"
      onToggle={(event) => setIsOpen(event.currentTarget.open)}
    >
      <summary className="min-h-11 content-center font-semibold">{t.versions}</summary>
      <div className="pb-3">
        {error !== null && <ProblemNote problem={error} />}
        {isOpen && data === undefined && error === null && <Skeleton label={t.askingVersions} rows={2} />}
        {data !== undefined && (
          <Facts
            facts={data.components.map(({ component, current, latest, behind }) => ({
              term: names[component],
              value:
                current === null
                  ? t.noVersion
                  : behind === true && latest !== null
                    ? t.newerIsOut(current, latest)
                    : behind === false
                      ? t.newestVersion(current)
                      : current,
            }))}
          />
        )}
        {server.role !== 'viewer' && openclaw?.behind === true && openclaw.latest !== null && (
          <div className="flex flex-wrap items-center gap-x-2">
            <UpdateAction server={server} version={openclaw.latest} tasks={tasks} />
            {hasSeveral && (
              <a {...linkTo('/rollouts/new')} className={`${buttonClass('quiet')} mt-4`}>
                {t.updateSeveral}
              </a>
            )}
          </div>
        )}
      </div>
    </details>
  );
}
