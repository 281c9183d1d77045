// Runs a job now, after saying what that sets off.
import type { CronJob, Server } from '@buoy/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { randomKey } from '../../random-key.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { cronKey } from './cron-queries.ts';
import { cronTexts } from './texts.ts';

export function RunNow({ server, job }: { server: Server; job: CronJob }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(cronTexts);
  /** The key of one decision to run it: a repeated request is not a second run. */
  const [decision, setDecision] = useState<string | null>(null);
  const run = useMutation({
    mutationFn: (key: string) =>
      api.call('POST /servers/:id/openclaw/cron/:jobId/run', {
        params: { id: server.id, jobId: job.id },
        headers: { 'idempotency-key': key },
      }),
    onSuccess: () => setDecision(null),
    onSettled: () => queries.invalidateQueries({ queryKey: cronKey(server.id) }),
  });
  return (
    <div className="flex flex-col items-end">
      <Button
        aria-label={t.runNamed(job.name)}
        disabled={job.running}
        onClick={() => {
          run.reset();
          setDecision(randomKey());
        }}
      >
        {t.runNow}
      </Button>
      <p role="status" className="text-sm text-muted empty:hidden">
        {run.isSuccess && !job.running && t.started}
      </p>
      {decision !== null && (
        <Confirm
          title={t.runTitle(job.name, server.name)}
          action={run.isPending ? t.starting : t.runNow}
          isPending={run.isPending}
          problem={run.error}
          onConfirm={() => run.mutate(decision)}
          onClose={() => setDecision(null)}
        >
          <p>{t.runEffect(job.agentId === null ? t.defaultAgent : t.agentNamed(job.agentId))}</p>
        </Confirm>
      )}
    </div>
  );
}
