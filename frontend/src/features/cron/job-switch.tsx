// Switches a job on or off; its schedule is kept.
import type { CronJob, Server } from '@buoy/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Toggle } from '../../ui/toggle.tsx';
import { cronKey } from './cron-queries.ts';
import { cronTexts } from './texts.ts';

export function JobSwitch({ server, job }: { server: Server; job: CronJob }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(cronTexts);
  const change = useMutation({
    mutationFn: (enabled: boolean) =>
      api.call('PUT /servers/:id/openclaw/cron/:jobId', {
        params: { id: server.id, jobId: job.id },
        body: { enabled },
      }),
    onSettled: () => queries.invalidateQueries({ queryKey: cronKey(server.id) }),
  });
  return (
    <>
      <Toggle
        label={t.enabled}
        hint={t.enabledHint}
        checked={change.isPending ? change.variables : job.enabled}
        disabled={change.isPending}
        onChange={change.mutate}
      />
      {change.error !== null && <ProblemNote problem={change.error} />}
    </>
  );
}
