// Deletes a job.
import type { CronJob, Server } from '@buoy/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { navigate } from '../../navigation.ts';
import { serverPath } from '../../paths.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { cronKey } from './cron-queries.ts';
import { cronTexts } from './texts.ts';

export function RemoveJob({ server, job }: { server: Server; job: CronJob }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(cronTexts);
  const [asks, setAsks] = useState(false);
  const remove = useMutation({
    mutationFn: () =>
      api.call('DELETE /servers/:id/openclaw/cron/:jobId', {
        params: { id: server.id, jobId: job.id },
      }),
    onSuccess: () => navigate(serverPath(server.id, 'cron'), { replace: true }),
    meta: { done: t.removed(job.name) },
    onSettled: () => queries.invalidateQueries({ queryKey: cronKey(server.id) }),
  });
  return (
    <>
      <Button variant="danger" onClick={() => setAsks(true)}>
        {t.remove}
      </Button>
      {asks && (
        <Confirm
          title={t.removeTitle(job.name, server.name)}
          action={remove.isPending ? t.removing : t.remove}
          isDestructive
          isPending={remove.isPending}
          problem={remove.error}
          onConfirm={() => remove.mutate()}
          onClose={() => setAsks(false)}
        >
          <p>{t.removeEffect}</p>
        </Confirm>
      )}
    </>
  );
}
