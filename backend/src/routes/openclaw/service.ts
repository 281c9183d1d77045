// The gateway's service: starting, stopping and restarting it, and whether a model answers behind it.
import { taskTypes } from '@buoy/contract';
import { admin, serverInPath } from '../../http/policies.ts';
import { type Route, route } from '../../http/route.ts';
import type { Openclaw } from '../../openclaw/openclaw.ts';
import type { Repair } from '../../repair/repair.ts';
import type { Tasks } from '../../tasks/tasks.ts';

export function openclawServiceRoutes({ modelCheck }: Openclaw, repair: Repair, tasks: Tasks): Route[] {
  return [
    route('POST /servers/:id/openclaw/start', admin(serverInPath), async ({ params, caller, audit }) => ({
      task: await tasks.start(
        taskTypes.start,
        { serverId: params.id, input: {}, createdBy: caller.user.id },
        audit,
      ),
    })),

    route('POST /servers/:id/openclaw/stop', admin(serverInPath), async ({ params, caller, audit }) => ({
      task: await tasks.start(
        taskTypes.stop,
        { serverId: params.id, input: {}, createdBy: caller.user.id },
        audit,
      ),
    })),

    route('POST /servers/:id/openclaw/restart', admin(serverInPath), async ({ params, caller, audit }) => ({
      task: await tasks.start(
        taskTypes.restart,
        { serverId: params.id, input: {}, createdBy: caller.user.id },
        audit,
      ),
    })),

    route('GET /servers/:id/openclaw/repair', admin(serverInPath), ({ params, caller, signal }) =>
      repair.read(params.id, caller.user, { signal }),
    ),

    route(
      'POST /servers/:id/openclaw/repair',
      admin(serverInPath),
      async ({ params, body, callerNow, signal, audit }) => ({
        task: await repair.start(params.id, body, { callerNow, signal }, audit),
      }),
    ),

    route(
      'POST /servers/:id/openclaw/model-check',
      admin(serverInPath),
      async ({ params, body, audit, signal }) => {
        const check = await modelCheck(params.id, body, { signal });
        audit.unchanged({ details: { provider: check.provider, status: check.status } });
        return { check };
      },
    ),
  ];
}
