// Reviews a config change before it is written: OpenClaw's check, the effect, and concurrent changes by others.
import type { Contract, ResponseOf, Server } from '@buoy/contract';
import { ApiError } from '@buoy/contract/client';
import type { ConfigObject } from '@buoy/contract/config-patch';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { isRefusal } from '../../api.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { TextInput } from '../../ui/text-input.tsx';
import { WorkingBar } from '../../ui/working-bar.tsx';
import { ChangeList } from './change-list.tsx';
import { configKey, configQuery } from './config-queries.ts';
import { IssueList } from './issue-list.tsx';
import { issuesOf, type StaleConfigInfo, staleConfigOf } from './problem-details.ts';
import { reviewTexts } from './review-texts.ts';

export type ConfigWriteResult = ResponseOf<Contract['PUT /servers/:id/openclaw/config']>;
type Preview = ResponseOf<Contract['POST /servers/:id/openclaw/config/preview']>;

/**
 * @param hash of the config that the patch was made for; later changes by others are shown and kept
 * @param lineOf finds the line of a path in the text that the person edits
 */
export function ChangeReview({
  server,
  patch,
  hash,
  lineOf,
  onWritten,
  onClose,
}: {
  server: Server;
  patch: ConfigObject;
  hash: string;
  lineOf?: (path: string) => number;
  onWritten: (written: ConfigWriteResult) => void;
  onClose: () => void;
}) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(reviewTexts);
  const params = { id: server.id };
  const [base, setBase] = useState(hash);
  const [note, setNote] = useState('');
  const preview = useMutation({
    mutationFn: (on: string) =>
      api.call('POST /servers/:id/openclaw/config/preview', { params, body: { patch, hash: on } }),
  });
  const apply = useMutation({
    mutationFn: () =>
      api.call('PUT /servers/:id/openclaw/config', {
        params,
        body: { patch, hash: base, ...(note.trim() === '' ? {} : { note: note.trim() }) },
      }),
    onSuccess: (written) => onWritten(written),
    meta: { done: true },
    // It may have been written even when no answer came.
    onSettled: () => {
      for (const queryKey of [configKey(server.id), ['agents', server.id]])
        void queries.invalidateQueries({ queryKey });
    },
  });
  const { mutate: check } = preview;
  useEffect(() => check(base), [check, base]);

  const overtaken = staleConfigOf(apply.error) ?? staleConfigOf(preview.error);
  const keepMine = async () => {
    apply.reset();
    preview.reset();
    const now = overtaken?.hash ?? (await queries.fetchQuery(configQuery(api, server.id))).hash;
    if (now !== null && now !== base) setBase(now);
    else check(base);
  };
  return (
    <Dialog title={t.title(server.name)} onClose={onClose}>
      <div className="mt-3 space-y-4 text-sm">
        {overtaken !== null && <OvertakenNote overtaken={overtaken} onKeepMine={() => void keepMine()} />}
        {overtaken === null && preview.error !== null && (
          <>
            <Refusal problem={preview.error} lineOf={lineOf} />
            {!isRefusal(preview.error) && <Button onClick={() => check(base)}>{t.checkAgain}</Button>}
          </>
        )}
        {preview.isPending && (
          <>
            <WorkingBar label={t.checking} />
            <Skeleton label={t.checking} rows={2} />
          </>
        )}
        {overtaken === null && preview.data !== undefined && (
          <>
            <PreviewNote preview={preview.data} lineOf={lineOf} />
            {canApply(preview.data) && (
              <Field label={t.note} hint={t.noteHint}>
                {(control) => (
                  <TextInput
                    {...control}
                    autoCapitalize="sentences"
                    maxLength={1_000}
                    value={note}
                    onChange={setNote}
                  />
                )}
              </Field>
            )}
            {apply.isPending && <WorkingBar label={t.applying} />}
            {apply.error !== null && <Refusal problem={apply.error} lineOf={lineOf} />}
          </>
        )}
      </div>
      <div className="mt-5 flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>{t.close}</Button>
        {overtaken === null && preview.data !== undefined && canApply(preview.data) && (
          <Button variant="primary" disabled={apply.isPending} onClick={() => apply.mutate()}>
            {apply.isPending ? t.applying : restarts(preview.data) ? t.applyAndRestart : t.apply}
          </Button>
        )}
      </div>
    </Dialog>
  );
}

function canApply({ valid, changes }: Preview): boolean {
  return valid && changes.length > 0;
}

function restarts({ changes }: Preview): boolean {
  return changes.some(({ needsRestart }) => needsRestart === true);
}

function PreviewNote({
  preview,
  lineOf,
}: {
  preview: Preview;
  lineOf: ((path: string) => number) | undefined;
}) {
  const t = useTexts(reviewTexts);
  return (
    <>
      {!preview.valid && <IssueList title={t.invalid} issues={preview.issues} lineOf={lineOf} />}
      <ChangeList label={t.changes} changes={preview.changes} />
      {preview.valid && restarts(preview) && (
        <p className="text-sm font-medium text-unreachable">{t.restart}</p>
      )}
    </>
  );
}

function OvertakenNote({ overtaken, onKeepMine }: { overtaken: StaleConfigInfo; onKeepMine: () => void }) {
  const t = useTexts(reviewTexts);
  return (
    <div role="alert" className="space-y-3">
      <p className="font-medium">{t.overtaken}</p>
      {overtaken.changes === null ? (
        <p className="text-muted">{t.overtakenUnknown}</p>
      ) : (
        <>
          <h3 className="font-semibold">{t.theirs}</h3>
          <ChangeList label={t.theirs} changes={overtaken.changes} />
        </>
      )}
      <Button variant="primary" onClick={onKeepMine}>
        {t.keepMine}
      </Button>
    </div>
  );
}

function Refusal({ problem, lineOf }: { problem: Error; lineOf: ((path: string) => number) | undefined }) {
  const t = useTexts(reviewTexts);
  const issues = problem instanceof ApiError ? issuesOf(problem) : [];
  return (
    <>
      <ProblemNote problem={problem} />
      {issues.length > 0 && <IssueList title={t.invalid} issues={issues} lineOf={lineOf} />}
    </>
  );
}
