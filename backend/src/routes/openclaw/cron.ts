// OpenClaw's scheduled jobs.
import { admin, serverInPath, viewer } from '../../http/policies.ts';
import { type Route, route } from '../../http/route.ts';
import type { Openclaw } from '../../openclaw/openclaw.ts';

export function openclawCronRoutes({ cron }: Openclaw): Route[] {
  return [
    route('GET /servers/:id/openclaw/cron', viewer(serverInPath), ({ params, signal }) =>
      cron.list(params.id, { signal }),
    ),
    route(
      'POST /servers/:id/openclaw/cron',
      admin(serverInPath),
      async ({ params, body, signal, audit }) => ({
        job: await cron.add(params.id, body, { signal, audit }),
      }),
    ),
    route(
      'PUT /servers/:id/openclaw/cron/:jobId',
      admin(serverInPath),
      async ({ params, body, signal, audit }) => ({
        job: await cron.change(params.id, params.jobId, body, { signal, audit }),
      }),
    ),
    route('DELETE /servers/:id/openclaw/cron/:jobId', admin(serverInPath), ({ params, signal, audit }) =>
      cron.remove(params.id, params.jobId, { signal, audit }),
    ),
    route('POST /servers/:id/openclaw/cron/:jobId/run', admin(serverInPath), async ({ params, signal }) => ({
      run: await cron.run(params.id, params.jobId, { signal }),
    })),
    route('GET /servers/:id/openclaw/cron/:jobId/runs', viewer(serverInPath), ({ params, query, signal }) =>
      cron.runs(params.id, params.jobId, query, { signal }),
    ),
  ];
}
