// The repair ladder: what can be done about a gateway that does not work, what each step runs, and which one comes next.
import type { RepairStep, Server } from '@buoy/contract';
import { type RepairStepId, taskTypes } from '@buoy/contract/constants';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Panel } from '../../ui/panel.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { VisibleText } from '../../ui/visible-text.tsx';
import { useDecisionKey } from '../../use-decision-key.ts';
import { ChangeList } from '../config/change-list.tsx';
import { type GatewayTasks, isAnyRunning } from '../servers/use-gateway-tasks.ts';
import { startOrJoin } from '../tasks/start-or-join.ts';
import { REPAIR_STEPS, repairStepsQuery } from './repair-queries.ts';
import { repairTexts } from './texts.ts';

const taskOf = {
  restart: 'restart',
  'reset-failed': 'start',
  doctor: 'doctor',
  'config-rollback': 'configRollback',
  'version-rollback': 'restore',
} as const satisfies Record<RepairStepId, keyof GatewayTasks>;

const typeOf = {
  restart: taskTypes.restart,
  'reset-failed': taskTypes.start,
  doctor: taskTypes.doctor,
  'config-rollback': taskTypes.configRollback,
  'version-rollback': taskTypes.restoreSnapshot,
} as const satisfies Record<RepairStepId, string>;

export function RepairLadder({ server, tasks }: { server: Server; tasks: GatewayTasks }) {
  const { api } = useServices();
  const t = useTexts(repairTexts);
  const formats = useFormats();
  const { data, error } = useQuery(repairStepsQuery(api, server.id));
  /** As it was shown: what the server would run by now may be something else. */
  const [asked, setAsked] = useState<RepairStep | null>(null);
  return (
    <Panel title={t.title}>
      {error !== null && <ProblemNote problem={error} />}
      {data === undefined && error === null && <Skeleton label={t.loading} rows={4} />}
      {data !== undefined && (
        <>
          <p lang="en" className="max-w-prose text-sm">
            <VisibleText text={formats.localTimes(data.reason)} />
          </p>
          <ol aria-label={t.title} className="mt-3 divide-y divide-line">
            {data.steps.map((step) => (
              <li key={step.id} className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2 py-3">
                <div className="min-w-0 flex-1 basis-72 space-y-1 text-sm">
                  <p className="font-medium">
                    {t[`step_${step.id}`]}
                    {step.id === data.suggested && <span className="ml-2 text-up">{t.next}</span>}
                  </p>
                  {step.tried !== null && (
                    <p className="text-muted">
                      {t.tried(formats.moment(step.tried.at))}{' '}
                      <span lang="en">
                        <VisibleText text={step.tried.message} />
                      </span>
                    </p>
                  )}
                  {step.unavailable !== null ? (
                    <p lang="en" className="text-muted">
                      <VisibleText text={step.unavailable} />
                    </p>
                  ) : (
                    <Commands runs={step.runs} />
                  )}
                </div>
                {step.choice !== null && (
                  <Button
                    variant={step.id === data.suggested ? 'primary' : 'plain'}
                    disabled={isAnyRunning(tasks)}
                    aria-label={t.runNamed(t[`step_${step.id}`])}
                    onClick={() => setAsked(step)}
                  >
                    {t.run}
                  </Button>
                )}
              </li>
            ))}
          </ol>
        </>
      )}
      {asked !== null && (
        <Question step={asked} server={server} tasks={tasks} onClose={() => setAsked(null)} />
      )}
    </Panel>
  );
}

function Question({
  step,
  server,
  tasks,
  onClose,
}: {
  step: RepairStep;
  server: Server;
  tasks: GatewayTasks;
  onClose: () => void;
}) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(repairTexts);
  const decision = useDecisionKey();
  const kept = keptOf(step.id);
  const run = useMutation({
    mutationFn: () =>
      startOrJoin(api, typeOf[step.id], () =>
        api.call('POST /servers/:id/openclaw/repair', {
          params: { id: server.id },
          body: { step: step.id, ...(step.choice === null ? {} : { choice: step.choice }) },
          headers: decision.headers(),
        }),
      ),
    onSuccess: ({ task }) => {
      tasks[taskOf[step.id]].watch(task);
      onClose();
    },
    onError: (error) => {
      decision.onError(error);
      void queries.invalidateQueries({ queryKey: [REPAIR_STEPS, server.id] });
    },
  });
  return (
    <Confirm
      title={t.ask(t[`step_${step.id}`], server.name)}
      action={run.isPending ? t.starting : t.runNow}
      isDestructive={kept !== null}
      isPending={run.isPending}
      problem={run.error}
      onConfirm={() => run.mutate()}
      onClose={onClose}
    >
      <p>{t.runsOn(`${server.username}@${server.host}`)}</p>
      <Commands runs={step.runs} />
      {step.id === 'config-rollback' &&
        (step.changes === null ? (
          <p className="text-muted">{t.notComparable}</p>
        ) : (
          <ChangeList label={t.changes} changes={step.changes} nothing={t.onlyHidden} />
        ))}
      {kept !== null && <p className="text-muted">{t[kept]}</p>}
    </Confirm>
  );
}

/** What a rollback keeps of the present state, by its text; null: the step rolls nothing back. */
function keptOf(id: RepairStepId): 'kept_config-rollback' | 'kept_version-rollback' | null {
  return id === 'config-rollback' || id === 'version-rollback' ? `kept_${id}` : null;
}

function Commands({ runs }: { runs: readonly string[] }) {
  return (
    <pre
      dir="ltr"
      lang="en"
      className="rounded-md border border-line bg-inset p-3 font-mono text-xs whitespace-pre-wrap"
    >
      <VisibleText text={runs.join('\n')} kind="command" />
    </pre>
  );
}
