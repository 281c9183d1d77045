// Notes above the config: why it cannot be changed, or that a change is not applied yet.
import type { Contract, ResponseOf, Server } from '@buoy/contract';
import { hasEnded } from '@buoy/contract/constants';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { VisibleText } from '../../ui/visible-text.tsx';
import { GatewayAction, GatewayQuestion } from '../servers/gateway-action.tsx';
import { useGatewayTasks } from '../servers/use-gateway-tasks.ts';
import { TaskProgress } from '../tasks/task-progress.tsx';
import { configKey } from './config-queries.ts';
import { IssueList } from './issue-list.tsx';
import { configTexts } from './texts.ts';

export type ConfigAnswer = ResponseOf<Contract['GET /servers/:id/openclaw/config']>;

/** Whether a change can be sent at all. */
export function isWritable({ config, hash, valid }: ConfigAnswer): boolean {
  return config !== null && hash !== null && valid !== false;
}

export function ConfigState({ server, answer }: { server: Server; answer: ConfigAnswer }) {
  const t = useTexts(configTexts);
  const { valid, problem, issues, warnings, hash, applied } = answer;
  const place =
    problem?.line == null || problem.column === null ? null : t.atLine(problem.line, problem.column);
  return (
    <>
      {valid === false && (
        <div className="space-y-2">
          <IssueList
            title={t.invalidTitle}
            issues={[
              ...(problem === null
                ? []
                : [
                    {
                      path: '',
                      message: place === null ? problem.message : `${problem.message} (${place})`,
                    },
                    ...problem.issues,
                  ]),
              ...issues,
            ]}
          />
          <p className="text-sm text-muted">{t.invalidHint}</p>
        </div>
      )}
      {hash === null && <p className="text-sm font-medium text-unreachable">{t.hostOnly}</p>}
      {applied === false && valid !== false && <NotApplied server={server} />}
      {warnings.length > 0 && (
        <details className="text-sm">
          <summary className="min-h-11 content-center text-muted">
            {t.warnings}: {warnings.length}
          </summary>
          <ul className="space-y-1">
            {warnings.map(({ path, message }) => (
              <li key={`${path} ${message}`}>
                <code className="font-mono">
                  <VisibleText text={path} />
                </code>
                :{' '}
                <span lang="en">
                  <VisibleText text={message} />
                </span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function NotApplied({ server }: { server: Server }) {
  const queries = useQueryClient();
  const t = useTexts(configTexts);
  const tasks = useGatewayTasks(server.id);
  const [isAsking, setIsAsking] = useState(false);
  const { view, problem, dismiss } = tasks.restart;
  const isOver = view !== null && hasEnded(view.task);
  useEffect(() => {
    if (isOver) void queries.invalidateQueries({ queryKey: configKey(server.id) });
  }, [isOver, queries, server.id]);
  return (
    <div className="space-y-3 rounded-md border border-unreachable/50 bg-unreachable/8 px-4 py-3 text-sm">
      <p className="font-medium">{t.notApplied}</p>
      <p className="text-muted">{t.notAppliedHint}</p>
      {server.role !== 'viewer' && (
        <GatewayAction action="restart" status={null} tasks={tasks} onAsk={() => setIsAsking(true)} />
      )}
      {isAsking && (
        <GatewayQuestion
          action="restart"
          server={server}
          status={null}
          tasks={tasks}
          onClose={() => setIsAsking(false)}
        />
      )}
      {problem !== null && <ProblemNote problem={problem} />}
      {view !== null && <TaskProgress title={t.restarting} view={view} onDismiss={dismiss} />}
    </div>
  );
}
