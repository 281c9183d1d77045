// The form for a new job.
import type { Server } from '@buoy/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { navigate } from '../../navigation.ts';
import { serverPath } from '../../paths.ts';
import { useServices } from '../../services.ts';
import { useUnsaved } from '../../ui/use-unsaved.ts';
import { useDecisionKey } from '../../use-decision-key.ts';
import { type CronDraft, emptyDraft, newJobOf } from './cron-draft.ts';
import { cronKey } from './cron-queries.ts';
import { cronFormTexts } from './form-texts.ts';
import { JobForm } from './job-form.tsx';

export function NewJob({ server }: { server: Server }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(cronFormTexts);
  const [draft, setDraft] = useState<CronDraft>(emptyDraft);
  /** A form that is sent twice makes one job; one that was changed in between is another request. */
  const decision = useDecisionKey();
  const add = useMutation({
    mutationFn: (written: CronDraft) =>
      api.call('POST /servers/:id/openclaw/cron', {
        params: { id: server.id },
        body: newJobOf(written),
        headers: decision.headers(),
      }),
    onSuccess: async ({ job }) => {
      await queries.invalidateQueries({ queryKey: cronKey(server.id) });
      navigate(serverPath(server.id, 'cron', job.id), { replace: true });
    },
    onError: decision.onError,
    meta: { done: t.added(draft.name) },
  });
  useUnsaved(!add.isSuccess && (draft.name !== '' || draft.message !== ''));
  return (
    <JobForm
      server={server}
      title={t.newJob}
      action={add.isPending ? t.adding : t.add}
      draft={draft}
      before={null}
      onChange={(change) => {
        setDraft({ ...draft, ...change });
        decision.renew();
      }}
      isBusy={add.isPending}
      problem={add.error}
      onSubmit={() => add.mutate(draft)}
      backPath={serverPath(server.id, 'cron')}
    />
  );
}
