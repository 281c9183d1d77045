// The skills of a server's agents: installed, from ClawHub, and uploaded.
import { taskTypes } from '@buoy/contract/constants';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import type { SectionProps } from '../../page-props.ts';
import { serverPath } from '../../paths.ts';
import { NotFound } from '../../ui/not-found.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { SubNavigation } from '../../ui/sub-navigation.tsx';
import { requiresRefetch, useServerEvent } from '../events/server-events.tsx';
import { TaskProgress } from '../tasks/task-progress.tsx';
import { useTask } from '../tasks/use-task.ts';
import { ClawhubPanel } from './clawhub-panel.tsx';
import { InstalledPanel } from './installed-panel.tsx';
import { skillsKey } from './skill-queries.ts';
import { skillsTexts } from './texts.ts';
import { UploadPanel } from './upload-panel.tsx';

const items = ['clawhub', 'upload'] as const;

export function SkillsSection({ server, rest }: SectionProps) {
  const queries = useQueryClient();
  const t = useTexts(skillsTexts);
  const refetch = () => void queries.invalidateQueries({ queryKey: [...skillsKey(server.id), 'list'] });
  const installation = useTask(taskTypes.installSkill, server.id, refetch);
  useServerEvent((event) => {
    if (event.event === 'skills' || requiresRefetch(event)) refetch();
  });
  const progress = useRef<HTMLDivElement>(null);
  const taskId = installation.view?.task.id ?? null;
  useEffect(() => {
    // It is started far down in a list.
    if (taskId !== null) progress.current?.scrollIntoView();
  }, [taskId]);
  const [wanted, ...more] = rest;
  const place = items.find((one) => one === wanted) ?? null;
  if (more.length > 0 || (wanted !== undefined && place === null)) return <NotFound />;
  return (
    <div className="space-y-4">
      <SubNavigation
        label={t.items}
        items={[
          { path: serverPath(server.id, 'skills'), title: t.installed, isCurrent: place === null },
          {
            path: serverPath(server.id, 'skills', 'clawhub'),
            title: t.clawhub,
            isCurrent: place === 'clawhub',
          },
          {
            path: serverPath(server.id, 'skills', 'upload'),
            title: t.upload,
            isCurrent: place === 'upload',
          },
        ]}
      />
      {installation.problem !== null && <ProblemNote problem={installation.problem} />}
      {installation.view !== null && (
        <div ref={progress} className="scroll-mt-4">
          <TaskProgress title={t.installation} view={installation.view} onDismiss={installation.dismiss} />
        </div>
      )}
      {place === null && <InstalledPanel server={server} installation={installation} />}
      {place === 'clawhub' && <ClawhubPanel server={server} installation={installation} />}
      {place === 'upload' && <UploadPanel server={server} />}
    </div>
  );
}
