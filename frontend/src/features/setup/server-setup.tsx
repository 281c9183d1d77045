// The setup of OpenClaw on a server, from its check over the questions to the running gateway.
import type { FixableCheckId, Server } from '@buoy/contract';
import { hasEnded, taskTypes } from '@buoy/contract/constants';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { useDecisionKey } from '../../use-decision-key.ts';
import { startOrJoin } from '../tasks/start-or-join.ts';
import { TaskProgress } from '../tasks/task-progress.tsx';
import { useTaskTitle } from '../tasks/task-title.ts';
import type { WatchedTask } from '../tasks/use-task.ts';
import { ChecksPanel } from './checks-panel.tsx';
import { SetupDone } from './setup-done.tsx';
import { emptySetupDraft, portOf, type SetupDraft, setUpBy } from './setup-draft.ts';
import { SetupForm } from './setup-form.tsx';
import { prerequisitesQuery } from './setup-queries.ts';
import { setupTexts } from './texts.ts';

type SetupProps = {
  server: Server;
  /** OpenClaw is there, but nothing starts its gateway. */
  isInstalled: boolean;
  task: WatchedTask;
};

export function ServerSetup({ server, isInstalled, task }: SetupProps) {
  const { view, problem, dismiss } = task;
  const t = useTexts(setupTexts);
  const titleOf = useTaskTitle();
  /** Stays while a setup runs, for another try. */
  const [draft, setDraft] = useState<SetupDraft>(emptySetupDraft);
  const done = view === null ? null : setUpBy(view.task);
  const top = useRef<HTMLElement>(null);
  const taskId = view?.task.id ?? null;
  useEffect(() => {
    // It is started at the end of a form.
    if (taskId !== null) top.current?.scrollIntoView();
  }, [taskId]);
  return (
    <section ref={top} aria-label={t.setup} className="scroll-mt-4 space-y-4">
      {problem !== null && <ProblemNote problem={problem} />}
      {done !== null && <SetupDone serverId={server.id} {...done} hasModel={draft.provider !== 'skip'} />}
      {view !== null && <TaskProgress title={titleOf(view.task)} view={view} onDismiss={dismiss} />}
      {done === null && (view === null || hasEnded(view.task)) && (
        <Preparation {...{ server, isInstalled, task, draft }} onChange={setDraft} />
      )}
    </section>
  );
}

function Preparation({
  server,
  isInstalled,
  task,
  draft,
  onChange,
}: SetupProps & { draft: SetupDraft; onChange: (draft: SetupDraft) => void }) {
  const { api } = useServices();
  const t = useTexts(setupTexts);
  const [port, setPort] = useState(() => portOf(draft) ?? Number(emptySetupDraft.port));
  const query = useQuery(prerequisitesQuery(api, server.id, port));
  const isViewer = server.role === 'viewer';
  const decision = useDecisionKey();
  const fix = useMutation({
    mutationFn: (checkId: FixableCheckId) =>
      startOrJoin(api, taskTypes.fixCheck, () =>
        api.call('POST /servers/:id/setup/fix', {
          params: { id: server.id },
          body: { checkId },
          headers: decision.headers(),
        }),
      ),
    onSuccess: (answer) => {
      decision.renew();
      task.watch(answer.task);
    },
    onError: decision.onError,
  });
  return (
    <>
      <div>
        <h2 className="text-lg font-semibold">{t.setup}</h2>
        <div className="mt-1 max-w-prose space-y-1 text-sm text-muted">
          <p>{isInstalled ? t.leadUnfinished : t.lead(server.username)}</p>
          {!isInstalled && !isViewer && <p>{t.otherUser}</p>}
          {isViewer && <p>{t.viewerNote}</p>}
        </div>
      </div>
      {fix.error !== null && <ProblemNote problem={fix.error} />}
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 xl:grid-cols-2">
        <ChecksPanel query={query} onFix={isViewer || fix.isPending ? null : fix.mutate} />
        {/* Without any check nobody knows what a setup needs. */}
        {!isViewer && (query.data !== undefined || query.error === null) && (
          <SetupForm
            server={server}
            draft={draft}
            checks={query.isPlaceholderData ? null : (query.data ?? null)}
            isRepeated={task.view?.task.type === taskTypes.setup}
            onChange={onChange}
            onPort={setPort}
            onStarted={task.watch}
          />
        )}
      </div>
    </>
  );
}
