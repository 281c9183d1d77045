// The form for an existing job. Only changed fields are sent.
import type { CronJob, Server } from '@buoy/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { navigate } from '../../navigation.ts';
import { serverPath } from '../../paths.ts';
import { useServices } from '../../services.ts';
import { useUnsaved } from '../../ui/use-unsaved.ts';
import { type CronDraft, changeOf, draftOf } from './cron-draft.ts';
import { cronKey } from './cron-queries.ts';
import { cronFormTexts } from './form-texts.ts';
import { JobForm } from './job-form.tsx';

export function EditJob({ server, job }: { server: Server; job: CronJob }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(cronFormTexts);
  // As it was when the form was opened: what others change meanwhile is not sent back.
  const [before] = useState<CronDraft>(() => draftOf(job));
  const [draft, setDraft] = useState(before);
  const path = serverPath(server.id, 'cron', job.id);
  const isChanged = Object.keys(changeOf(before, draft)).length > 0;
  const save = useMutation({
    mutationFn: (written: CronDraft) =>
      api.call('PUT /servers/:id/openclaw/cron/:jobId', {
        params: { id: server.id, jobId: job.id },
        body: changeOf(before, written),
      }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: cronKey(server.id) });
      navigate(path, { replace: true });
    },
    meta: { done: t.saved(draft.name) },
  });
  useUnsaved(isChanged && !save.isSuccess);
  return (
    <JobForm
      server={server}
      title={t.editOf(job.name)}
      action={save.isPending ? t.saving : t.save}
      draft={draft}
      before={{ draft: before, schedule: job.schedule, sessionTarget: job.sessionTarget }}
      onChange={(change) => setDraft({ ...draft, ...change })}
      isBusy={save.isPending}
      problem={save.error}
      onSubmit={() => save.mutate(draft)}
      backPath={path}
    />
  );
}
