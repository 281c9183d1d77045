// The form for a new job.
import type { Server } from '@buoy/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { navigate } from '../../navigation.ts';
import { randomKey } from '../../random-key.ts';
import { serverPath } from '../../routes.tsx';
import { useServices } from '../../services.ts';
import { useUnsaved } from '../../ui/use-unsaved.ts';
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
  const [key, setKey] = useState(randomKey);
  const add = useMutation({
    mutationFn: (written: CronDraft) =>
      api.call('POST /servers/:id/openclaw/cron', {
        params: { id: server.id },
        body: newJobOf(written),
        headers: { 'idempotency-key': key },
      }),
    onSuccess: async ({ job }) => {
      await queries.invalidateQueries({ queryKey: cronKey(server.id) });
      navigate(serverPath(server.id, 'cron', job.id), { replace: true });
    },
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
        setKey(randomKey());
      }}
      isBusy={add.isPending}
      problem={add.error}
      onSubmit={() => add.mutate(draft)}
      backPath={serverPath(server.id, 'cron')}
    />
  );
}
