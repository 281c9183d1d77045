// The overview of a server: problems and repairs, actions, and OpenClaw's status.
import type { OpenclawStatus, Server } from '@buoy/contract';
import { hasEnded } from '@buoy/contract/constants';
import { useQuery } from '@tanstack/react-query';
import { Suspense, useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { lazyPage } from '../../ui/lazy-page.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { OpenControlUi, useOpenControlUi } from '../dashboard/open-control-ui-button.tsx';
import { AvailabilityPanel } from '../history/availability-panel.tsx';
import { MaintenancePanel } from '../maintenance/maintenance-panel.tsx';
import { ComponentVersions } from '../setup/component-versions.tsx';
import { GatewaySettings } from '../setup/gateway-settings.tsx';
import { SnapshotsPanel } from '../setup/snapshots-panel.tsx';
import { TaskProgress } from '../tasks/task-progress.tsx';
import { useTaskTitle } from '../tasks/task-title.ts';
import { ConnectionTest } from './connection-test.tsx';
import { needsSetup, type Problem, problemsOf } from './diagnosis.ts';
import { type Action, GatewayAction, GatewayQuestion } from './gateway-action.tsx';
import { ModelCheck } from './model-check.tsx';
import { OpenclawPanel } from './openclaw-panel.tsx';
import { overviewTexts } from './overview-texts.ts';
import { ProblemPanel } from './problem-panel.tsx';
import { openclawStatusQuery } from './server-queries.ts';
import { isAnyRunning, useGatewayTasks, useSetupTask } from './use-gateway-tasks.ts';

const RepairLadder = lazyPage(async () => (await import('../repair/repair-ladder.tsx')).RepairLadder);
const ServerSetup = lazyPage(async () => (await import('../setup/server-setup.tsx')).ServerSetup);

export function Overview({ server }: { server: Server }) {
  const { api } = useServices();
  const t = useTexts(overviewTexts);
  const titleOf = useTaskTitle();
  const { data, error } = useQuery(openclawStatusQuery(api, server.id));
  const tasks = useGatewayTasks(server.id);
  const setup = useSetupTask(server.id);
  const controlUi = useOpenControlUi(server.id);
  const [asked, setAsked] = useState<Action | null>(null);
  const answer = data ?? null;
  const status = answer?.status ?? null;
  const isSettingUp = setup.view !== null && !hasEnded(setup.view.task);
  const isSetupNext = status !== null && needsSetup(status);
  const isUpdating = [tasks.update, tasks.restore].some(({ view }) => view !== null && !hasEnded(view.task));
  // A gateway that is being set up, updated or restored is not in trouble because it does not run.
  const problems = problemsOf(server, answer, error).filter(
    ({ kind }) => !(isSettingUp || isUpdating) || isUnreachable(kind),
  );
  const repairs = problems.map(({ repair }) => repair);
  const isOutOfReach = problems.some(({ kind }) => isUnreachable(kind));
  return (
    <>
      {/* As high as what comes in its place. */}
      {server.status.state === 'down' && answer === null && error === null && (
        <Skeleton label={t.problems} rows={2} />
      )}
      {problems.map((problem, index) => (
        <ProblemPanel
          key={problem.kind}
          problem={problem}
          isFirst={index === 0}
          server={server}
          status={status}
          tasks={tasks}
          onAsk={setAsked}
        />
      ))}
      {server.role !== 'viewer' && problems.some(({ kind }) => isOfGateway(kind)) && (
        <Suspense fallback={<Skeleton label={t.problems} rows={4} />}>
          <RepairLadder server={server} tasks={tasks} />
        </Suspense>
      )}
      {asked !== null && (
        <GatewayQuestion
          action={asked}
          server={server}
          status={status}
          tasks={tasks}
          onClose={() => setAsked(null)}
        />
      )}
      {Object.entries(tasks).map(([action, { view, problem, dismiss }]) => (
        <div key={action} className="space-y-4 empty:hidden">
          {problem !== null && <ProblemNote problem={problem} />}
          {view !== null && <TaskProgress title={titleOf(view.task)} view={view} onDismiss={dismiss} />}
        </div>
      ))}
      {server.role === 'viewer' && !isSetupNext && <p className="text-sm text-muted">{t.viewerNote}</p>}
      {/* Nothing can be done where Buoy does not get in, and only a setup where there is no gateway. */}
      {server.role !== 'viewer' && !isOutOfReach && !isSetupNext && !isSettingUp && (
        // biome-ignore lint/a11y/useSemanticElements: no fields, no fieldset
        <div role="group" aria-label={t.actions} className="flex flex-wrap gap-2">
          {actionsFor(status)
            .filter((action) => !(repairs as string[]).includes(action))
            .map((action) => (
              <GatewayAction key={action} action={action} status={status} tasks={tasks} onAsk={setAsked} />
            ))}
          {status?.installed === true && <ModelCheck.Button serverId={server.id} />}
          <ConnectionTest.Button serverId={server.id} />
          <OpenControlUi.Button opening={controlUi} />
        </div>
      )}
      <OpenControlUi.Result opening={controlUi} />
      <ModelCheck.Result serverId={server.id} />
      <ConnectionTest.Result server={server} isSetupBelow={isSetupNext} />
      {(isSetupNext || setup.view !== null) && (
        <Suspense fallback={<Skeleton label={t.loadingSetup} rows={6} />}>
          <ServerSetup server={server} isInstalled={status?.installed === true} task={setup} />
        </Suspense>
      )}
      {!isSetupNext && !isSettingUp && (answer !== null || !isOutOfReach) && (
        <OpenclawPanel answer={answer} error={isOutOfReach ? null : error} />
      )}
      {status?.installed === true && !isOutOfReach && !isSettingUp && (
        <>
          {server.role !== 'viewer' && (
            <GatewaySettings server={server} status={status} isBusy={isAnyRunning(tasks)} />
          )}
          <ComponentVersions server={server} tasks={tasks} />
          <SnapshotsPanel server={server} tasks={tasks} />
        </>
      )}
      <MaintenancePanel server={server} />
      <AvailabilityPanel serverId={server.id} />
    </>
  );
}

function isUnreachable(kind: Problem['kind']): boolean {
  return kind === 'unreachable' || kind === 'login' || kind === 'hostKey';
}

/** A gateway that is down, or runs without working; one that starts is waited for. */
function isOfGateway(kind: Problem['kind']): boolean {
  return ['gaveUp', 'failed', 'stopped', 'notReady'].includes(kind);
}

/** What makes sense in the state that the gateway is in; the restart alone while that is not known. */
function actionsFor(status: OpenclawStatus | null): Action[] {
  switch (status?.gateway.state) {
    case 'stopped':
      return ['start', 'doctor'];
    case 'failed':
      return ['restart', 'stop', 'doctor'];
    case 'not_installed':
      return [];
    case undefined:
      return ['restart'];
    default:
      return ['restart', 'stop'];
  }
}
