// Runs a job now, after naming the effect.

import type { CronJob, Server } from '@buoy/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { useDecisionKey } from '../../use-decision-key.ts';
import { cronKey } from './cron-queries.ts';
import { runEffect } from './run-effect.tsx';
import { cronTexts } from './texts.ts';

export function RunNow({ server, job }: { server: Server; job: CronJob }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(cronTexts);
  const [isAsking, setAsking] = useState(false);
  const decision = useDecisionKey();
  const run = useMutation({
    mutationFn: () =>
      api.call('POST /servers/:id/openclaw/cron/:jobId/run', {
        params: { id: server.id, jobId: job.id },
        headers: decision.headers(),
      }),
    onSuccess: () => setAsking(false),
    onError: decision.onError,
    meta: { done: true },
    onSettled: () => queries.invalidateQueries({ queryKey: cronKey(server.id) }),
  });
  return (
    <div className="flex flex-col items-end">
      <Button
        aria-label={t.runNamed(job.name)}
        disabled={job.running}
        onClick={() => {
          run.reset();
          decision.renew();
          setAsking(true);
        }}
      >
        {t.runNow}
      </Button>
      <p role="status" className="text-sm text-muted empty:hidden">
        {run.isSuccess && !job.running && t.started}
      </p>
      {isAsking && (
        <Confirm
          title={t.runTitle(job.name, server.name)}
          action={run.isPending ? t.starting : t.runNow}
          isPending={run.isPending}
          problem={run.error}
          onConfirm={() => run.mutate()}
          onClose={() => setAsking(false)}
        >
          {runEffect(job, t)}
        </Confirm>
      )}
    </div>
  );
}
