// OpenClaw on a server.
import { admin, serverInPath, viewer } from '../http/policies.ts';
import { type Route, route } from '../http/route.ts';
import type { OpenclawStatusReader } from '../openclaw/status.ts';
import type { Tasks } from '../tasks/tasks.ts';

export function openclawRoutes({ status, tasks }: { status: OpenclawStatusReader; tasks: Tasks }): Route[] {
  return [
    route('GET /servers/:id/openclaw/status', viewer(serverInPath), ({ params, signal }) =>
      status.read(params.id, { signal }),
    ),
    route('POST /servers/:id/openclaw/restart', admin(serverInPath), async ({ params, caller, audit }) => ({
      task: await tasks.start(
        'openclaw.restart',
        { serverId: params.id, input: {}, createdBy: caller.user.id },
        audit,
      ),
    })),
  ];
}
