// The maintenance windows of a server: until when one lasts, who set it, and how to start and end one.
import type { Server } from '@buoy/contract';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { Panel } from '../../ui/panel.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { EndQuestion } from './end-question.tsx';
import { maintenanceQuery } from './maintenance-queries.ts';
import { StartQuestion } from './start-question.tsx';
import { maintenanceTexts } from './texts.ts';
import { WindowRow } from './window-row.tsx';

/** Nothing for a viewer of a server that has none: there is nothing to see or to do. */
export function MaintenancePanel({ server }: { server: Server }) {
  const { api } = useServices();
  const t = useTexts(maintenanceTexts);
  const [asked, setAsked] = useState<'start' | 'end' | null>(null);
  const { data, error } = useQuery(maintenanceQuery(api, server.id));
  const mayChange = server.role !== 'viewer';
  if (!mayChange && (data === undefined || data.length === 0)) return null;
  const isActive = data?.some(({ active }) => active) === true;
  return (
    <Panel
      title={t.title}
      aside={
        mayChange && (
          <Button onClick={() => setAsked(isActive ? 'end' : 'start')}>{isActive ? t.end : t.start}</Button>
        )
      }
    >
      <div className="space-y-3">
        <p className="max-w-prose text-sm text-muted">{t.about}</p>
        {error !== null && <ProblemNote problem={error} />}
        {data === undefined && error === null && <Skeleton label={t.loading} rows={1} />}
        {data?.length === 0 && <p className="text-sm">{t.none}</p>}
        {data !== undefined && data.length > 0 && (
          <ul aria-label={t.title}>
            {data.map((window) => (
              <WindowRow key={window.id} server={server} window={window} />
            ))}
          </ul>
        )}
      </div>
      {asked === 'start' && <StartQuestion server={server} onClose={() => setAsked(null)} />}
      {asked === 'end' && <EndQuestion server={server} windowId={null} onClose={() => setAsked(null)} />}
    </Panel>
  );
}
