// A bulk setup from the pasted list over the host keys and the questions to the table of setups.
import type { Server, Task } from '@buoy/contract';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { navigate } from '../../navigation.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { useUnsaved } from '../../ui/use-unsaved.ts';
import { jumpHostsFor } from '../servers/jump-field.tsx';
import { emptyDraft, type ServerDraft } from '../servers/server-draft.ts';
import { serversQuery } from '../servers/server-queries.ts';
import { emptySetupDraft, hasSecrets, type SetupDraft, withoutSecrets } from '../setup/setup-draft.ts';
import { type BulkRow, isBusy, needsLogin, rowOf } from './bulk-run.ts';
import { type BulkTarget, listedServers, type TargetPlace } from './bulk-targets.ts';
import { HostKeyReview } from './host-key-review.tsx';
import { ListForm } from './list-form.tsx';
import { progressTexts } from './progress-texts.ts';
import { QuestionsForm } from './questions-form.tsx';
import { allRows } from './row-progress.ts';
import { readServerLines } from './server-lines.ts';
import { SetupTable } from './setup-table.tsx';
import { SETUP_TASKS, type SetupTasks, setupTasksQuery } from './setup-task-queries.ts';
import { type KeptRun, useBulkRun } from './use-bulk-run.ts';

/** `isRepeated`: another try, before which this page has forgotten all secrets. */
type BulkStep =
  | { kind: 'list' }
  | { kind: 'hostKeys'; fresh: readonly TargetPlace[]; known: readonly BulkTarget[] }
  | { kind: 'questions'; wanted: readonly BulkRow[]; isRepeated: boolean }
  | { kind: 'progress' };

const noServers: readonly Server[] = [];
const noTasks: SetupTasks = new Map();
const emptyLogin: ServerDraft = { ...emptyDraft, way: 'password' };

export function BulkSetup({ userId }: { userId: string }) {
  const { api } = useServices();
  const run = useBulkRun(userId);
  const servers = useQuery(serversQuery(api)).data ?? noServers;
  const tasks = useSetupTasks(run);
  const [step, setStep] = useState<BulkStep>({ kind: run.rows.length === 0 ? 'list' : 'progress' });
  const [lines, setLines] = useState('');
  const [login, setLogin] = useState(emptyLogin);
  const [setup, setSetup] = useState(emptySetupDraft);
  useUnsaved(lines.trim() !== '' || hasSecrets(setup) || hasLoginSecret(login));
  const show = (next: BulkStep) => {
    setStep(next);
    window.scrollTo(0, 0);
  };
  const editLogin = (change: Partial<ServerDraft>) => setLogin((current) => ({ ...current, ...change }));
  const editSetup = (change: Partial<SetupDraft>) => setSetup((current) => ({ ...current, ...change }));
  const start = (wanted: readonly BulkRow[]) => {
    run.start(wanted, { login, setup });
    // The run has them now, until Buoy does.
    setLines('');
    setLogin(withoutLoginSecret);
    setSetup(withoutSecrets);
    show({ kind: 'progress' });
  };

  const rows = allRows(run.rows, servers, tasks.data ?? noTasks, userId);
  const table = rows.length > 0 && (
    <SetupTable
      rows={rows}
      isRun={run.rows.length > 0}
      problem={tasks.error}
      onStart={(wanted) => show({ kind: 'questions', wanted, isRepeated: wanted.some(wasTried) })}
    />
  );
  switch (step.kind) {
    case 'list':
      return (
        <>
          <List
            {...{ lines, login, servers, userId }}
            onLines={setLines}
            onLogin={editLogin}
            onListed={(fresh, known) =>
              show(
                fresh.length === 0
                  ? { kind: 'questions', wanted: known.map(rowOf), isRepeated: false }
                  : { kind: 'hostKeys', fresh, known },
              )
            }
          />
          {table}
        </>
      );
    case 'hostKeys':
      return (
        <HostKeyReview
          places={step.fresh}
          knownCount={step.known.length}
          onTrusted={(targets) =>
            show({ kind: 'questions', wanted: [...targets, ...step.known].map(rowOf), isRepeated: false })
          }
          onBack={() => show({ kind: 'list' })}
        />
      );
    case 'questions':
      return (
        <QuestionsForm
          wanted={step.wanted}
          login={step.isRepeated && step.wanted.some(needsLogin) ? login : null}
          setup={setup}
          isRepeated={step.isRepeated}
          onLogin={editLogin}
          onSetup={editSetup}
          onSubmit={() => start(step.wanted)}
          onBack={() => show({ kind: run.rows.length === 0 ? 'list' : 'progress' })}
        />
      );
    case 'progress':
      return (
        <>
          {table}
          <AfterRun run={run} onMore={() => show({ kind: 'list' })} />
        </>
      );
  }
}

function useSetupTasks(run: KeptRun) {
  const { api } = useServices();
  const queries = useQueryClient();
  const started = useRef<Task[]>([]);
  started.current = run.rows.flatMap(({ task }) => task ?? []);
  const ids = started.current.map(({ id }) => id).join();
  // The next poll may be far off while none of them was known to run.
  useEffect(() => {
    if (ids !== '') void queries.invalidateQueries({ queryKey: SETUP_TASKS });
  }, [queries, ids]);
  return useQuery(setupTasksQuery(api, () => started.current));
}

function List({
  lines,
  login,
  servers,
  userId,
  onLines,
  onLogin,
  onListed,
}: {
  lines: string;
  login: ServerDraft;
  servers: readonly Server[];
  userId: string;
  onLines: (lines: string) => void;
  onLogin: (change: Partial<ServerDraft>) => void;
  onListed: (fresh: TargetPlace[], known: BulkTarget[]) => void;
}) {
  const read = readServerLines(lines);
  const listed = listedServers(
    read.servers,
    { username: login.username.trim(), jumpServerId: login.jumpServerId === '' ? null : login.jumpServerId },
    servers,
    userId,
  );
  return (
    <ListForm
      {...{ lines, read, listed, login, onLines, onLogin }}
      jumpHosts={jumpHostsFor(servers, null)}
      onSubmit={() => onListed(listed.fresh, listed.known)}
    />
  );
}

function AfterRun({ run, onMore }: { run: KeptRun; onMore: () => void }) {
  const t = useTexts(progressTexts);
  if (isBusy(run.rows)) return null;
  return (
    <div className="flex flex-wrap gap-2">
      <Button onClick={onMore}>{t.addMore}</Button>
      <Button
        variant="quiet"
        onClick={() => {
          run.forget();
          navigate('/', { replace: true });
        }}
      >
        {t.close}
      </Button>
    </div>
  );
}

function wasTried({ stage, task }: BulkRow): boolean {
  return stage !== 'listed' || task !== null;
}

function hasLoginSecret({ password, privateKey, passphrase }: ServerDraft): boolean {
  return password !== '' || privateKey !== '' || passphrase !== '';
}

function withoutLoginSecret(login: ServerDraft): ServerDraft {
  return { ...login, password: '', privateKey: '', passphrase: '' };
}
