// The tasks of one server: what is under way on top, with its steps, and what has ended below.
import { hasEnded } from '@buoy/contract/constants';
import { useQuery } from '@tanstack/react-query';
import { useTexts } from '../../i18n/use-texts.ts';
import type { SectionProps } from '../../page-props.ts';
import { useServices } from '../../services.ts';
import { EmptyNote } from '../../ui/empty-note.tsx';
import { NotFound } from '../../ui/not-found.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { ActiveTask } from './active-task.tsx';
import { TaskList } from './task-list.tsx';
import { activeTasksQuery } from './task-queries.ts';
import { taskTexts } from './texts.ts';

export function TasksSection({ server, rest }: SectionProps) {
  const { api } = useServices();
  const t = useTexts(taskTexts);
  const active = useQuery(activeTasksQuery(api, server.id));
  if (rest.length > 0) return <NotFound />;
  return (
    <div className="space-y-5">
      <section aria-label={t.activeNow} className="space-y-3">
        <h2 className="font-semibold">{t.activeNow}</h2>
        {active.error !== null && <ProblemNote problem={active.error} />}
        {active.data === undefined && active.error === null && <Skeleton label={t.loading} rows={1} />}
        {active.data?.length === 0 && <p className="text-sm text-muted">{t.nothingActive}</p>}
        {active.data?.map(({ id }) => (
          <ActiveTask key={id} id={id} />
        ))}
      </section>
      <section aria-label={t.earlier} className="space-y-3">
        <h2 className="font-semibold">{t.earlier}</h2>
        <TaskList
          filter={{ serverId: server.id }}
          label={t.earlier}
          placeOf={() => null}
          shows={hasEnded}
          empty={<EmptyNote title={t.nothingEarlier}>{t.empty}</EmptyNote>}
        />
      </section>
    </div>
  );
}
