// One task at its own address, live while it runs.
import type { Server, Task } from '@buoy/contract';
import { useQuery } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { serverPath } from '../../paths.ts';
import { useServices } from '../../services.ts';
import { buttonClass } from '../../ui/button.tsx';
import { Copyable } from '../../ui/copyable.tsx';
import { type Fact, Facts } from '../../ui/facts.tsx';
import { PageHeading } from '../../ui/page-heading.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { ProblemWords } from '../../ui/problem-words.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { useNow } from '../../ui/use-now.ts';
import { VisibleText } from '../../ui/visible-text.tsx';
import { usePersonName } from '../access/use-person-name.ts';
import { serverQuery } from '../servers/server-queries.ts';
import { TaskActions } from './task-actions.tsx';
import { TaskBar } from './task-bar.tsx';
import { TaskSteps } from './task-steps.tsx';
import { useTaskTitle } from './task-title.ts';
import type { TaskView } from './task-view.ts';
import { taskTexts } from './texts.ts';
import { useFollowedTask } from './use-followed-task.ts';

export function TaskPage({ id }: { id: string }) {
  const t = useTexts(taskTexts);
  const titleOf = useTaskTitle();
  const { view, problem } = useFollowedTask(id);
  const title = view === null ? t.task : titleOf(view.task);
  return (
    <div className="mx-auto max-w-3xl">
      <a {...linkTo('/tasks')} className={`${buttonClass('quiet')} -ml-4`}>
        ← {t.allTasks}
      </a>
      <PageHeading title={title}>{title}</PageHeading>
      <div className="mt-3 space-y-4">
        {problem !== null && <ProblemNote problem={problem} />}
        {view === null && problem === null && <Skeleton label={t.loadingTask} rows={4} />}
        {view !== null && <LoadedTask view={view} title={title} />}
      </div>
    </div>
  );
}

function LoadedTask({ view, title }: { view: TaskView; title: string }) {
  const { api, session } = useServices();
  const t = useTexts(taskTexts);
  const { task } = view;
  const server = useQuery({
    ...serverQuery(api, task.serverId ?? ''),
    enabled: task.serverId !== null,
  }).data;
  const state = useSyncExternalStore(session.subscribe, session.state);
  // Without its server's word on the role, only what concerns the whole Buoy can be told: it is for super-admins alone.
  const mayAct =
    task.serverId === null
      ? state.phase === 'signed-in' && state.user.isSuperAdmin
      : server === undefined
        ? null
        : server.role !== 'viewer';
  return (
    <>
      <section aria-label={title} className="rounded-lg border border-line bg-surface p-4 sm:p-5">
        <TaskBar title={t.steps} task={task} />
        <div className="mt-3">
          <TaskSteps view={view} />
        </div>
      </section>
      {task.error !== null && (
        <ProblemWords code={task.error.code} message={task.error.message} hint={task.error.hint} />
      )}
      <div className="flex flex-wrap items-center gap-2">
        {mayAct === true && (
          <TaskActions
            task={task}
            title={title}
            place={task.serverId === null ? t.globalScope : (server?.name ?? null)}
          />
        )}
        {task.serverId !== null && (
          <a {...linkTo(serverPath(task.serverId))} className={buttonClass()}>
            {t.openServer}
          </a>
        )}
      </div>
      {mayAct === false && <p className="text-sm text-muted">{t.viewerNote}</p>}
      <TaskFacts task={task} server={server} />
    </>
  );
}

/** @param server undefined: not read yet, or the task is of the whole Buoy */
function TaskFacts({ task, server }: { task: Task; server: Server | undefined }) {
  const personName = usePersonName(server);
  const t = useTexts(taskTexts);
  const formats = useFormats();
  const now = useNow();
  const { createdBy, createdAt, startedAt, finishedAt, result } = task;
  const moment = (at: string | null) => (at === null ? t.notYet : formats.moment(at));
  const facts: Fact[] = [
    { term: t.server, value: task.serverId === null ? t.globalScope : (server?.name ?? '…') },
    { term: t.askedBy, value: createdBy === 'system' ? t.buoyItself : personName(createdBy) },
    { term: t.askedAt, value: moment(createdAt) },
    { term: t.beganAt, value: moment(startedAt) },
    { term: t.endedAt, value: moment(finishedAt) },
    {
      term: t.duration,
      value:
        startedAt === null
          ? t.notYet
          : formats.duration(
              ((finishedAt === null ? now : Date.parse(finishedAt)) - Date.parse(startedAt)) / 1000,
            ),
    },
    {
      term: t.taskId,
      wide: true,
      value: (
        <span className="flex flex-wrap items-center gap-x-4">
          <Copyable value={task.id} label={t.copyTaskId} codeClass="text-xs" />
        </span>
      ),
    },
  ];
  return (
    <section aria-label={t.task} className="rounded-lg border border-line bg-surface px-4 pt-1 pb-4 sm:px-5">
      <Facts facts={facts} />
      {result !== null && (
        <details className="mt-3 text-sm">
          <summary className="min-h-11 content-center text-xs text-muted">{t.result}</summary>
          <pre className="overflow-auto rounded-md border border-line bg-inset p-3 font-mono text-xs whitespace-pre-wrap">
            <VisibleText text={JSON.stringify(result, null, 2)} />
          </pre>
        </details>
      )}
    </section>
  );
}
