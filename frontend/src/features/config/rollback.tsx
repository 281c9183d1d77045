// Rolls back to an earlier config: shows the changes, asks, and restores it.
import type { Contract, ResponseOf, Server } from '@buoy/contract';
import { patchBetween } from '@buoy/contract/config-patch';
import { undoChanges } from '@buoy/contract/undo-changes';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type Api, isRefusal } from '../../api.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { WorkingBar } from '../../ui/working-bar.tsx';
import { useDecisionKey } from '../../use-decision-key.ts';
import { ChangeList } from './change-list.tsx';
import { configKey } from './config-queries.ts';
import { historyTexts } from './history-texts.ts';
import { IssueList } from './issue-list.tsx';
import { changesOfPatch } from './json-patch.ts';
import { reviewTexts } from './review-texts.ts';

export type RolledBack = ResponseOf<Contract['POST /servers/:id/openclaw/config/rollback']>;

/** Revisions whose changes are read for the preview, one call each. */
const MAX_STEPS = 25;

/** @param latest the newest revision: the config as it is now */
export function Rollback({
  server,
  rev,
  latest,
  onDone,
  onClose,
}: {
  server: Server;
  rev: number;
  latest: number;
  onDone: (result: RolledBack) => void;
  onClose: () => void;
}) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(historyTexts);
  const words = useTexts(reviewTexts);
  const isFar = latest - rev > MAX_STEPS;
  const preview = useQuery({
    queryKey: ['config-rollback', server.id, rev, latest],
    queryFn: ({ signal }) => previewOf(api, server.id, rev, latest, signal),
    enabled: !isFar,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  const decision = useDecisionKey();
  const rollback = useMutation({
    mutationFn: () =>
      api.call('POST /servers/:id/openclaw/config/rollback', {
        params: { id: server.id },
        body: { rev },
        headers: decision.headers(),
      }),
    onSuccess: onDone,
    onError: decision.onError,
    meta: { done: true },
    onSettled: () => {
      for (const queryKey of [configKey(server.id), ['agents', server.id]])
        void queries.invalidateQueries({ queryKey });
    },
  });
  const { data } = preview;
  return (
    <Confirm
      title={t.rollbackTitle(rev, server.name)}
      action={rollback.isPending ? words.applying : t.rollbackNow}
      isDestructive
      isPending={rollback.isPending || preview.isLoading}
      problem={rollback.error}
      onConfirm={() => rollback.mutate()}
      onClose={onClose}
    >
      <p>{t.rollbackEffect}</p>
      {isFar && <p className="text-muted">{t.rollbackTooFar}</p>}
      {preview.isLoading && (
        <>
          <WorkingBar label={t.rollbackPreview} />
          <Skeleton label={t.rollbackPreview} rows={1} />
        </>
      )}
      {preview.error !== null && <ProblemNote problem={preview.error} />}
      {data !== undefined && (
        <>
          {data.problem !== null && <ProblemNote problem={data.problem} />}
          {!data.valid && <IssueList title={words.invalid} issues={data.issues} />}
          <ChangeList label={words.changes} changes={data.changes} />
          {data.changes.some(({ needsRestart }) => needsRestart === true) && (
            <p className="font-medium text-unreachable">{words.restart}</p>
          )}
        </>
      )}
    </Confirm>
  );
}

/**
 * Undoes what came after the revision, newest first, and asks OpenClaw about the difference. On a busy server that may fail: then `problem`
 * says so, and the changes are shown as Buoy knows them.
 */
async function previewOf(api: Api, serverId: string, rev: number, latest: number, signal: AbortSignal) {
  const params = { id: serverId };
  const later = Array.from({ length: latest - rev }, (_, index) => latest - index);
  const [{ config, hash }, ...diffs] = await Promise.all([
    api.call('GET /servers/:id/openclaw/config', { params, signal }),
    ...later.map((one) =>
      api.call('GET /servers/:id/openclaw/config/history/:rev/diff', {
        params: { id: serverId, rev: one },
        signal,
      }),
    ),
  ]);
  const now = config ?? {};
  const then = undoChanges(
    now,
    diffs.flatMap(({ changes }) => changes),
  );
  const patch = patchBetween(now, then);
  const body = { patch, ...(hash === null ? {} : { hash }) };
  try {
    const checked = await api.call('POST /servers/:id/openclaw/config/preview', { params, body, signal });
    return { ...checked, problem: null };
  } catch (problem) {
    if (signal.aborted || !(problem instanceof Error) || isRefusal(problem)) throw problem;
    const changes = changesOfPatch(now, patch).map((change) => ({ ...change, needsRestart: null }));
    return { changes, valid: true, issues: [], problem };
  }
}
