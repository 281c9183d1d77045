// Snapshots of OpenClaw on a server.
import { taskTypes } from '@buoy/contract';
import { admin, owner, serverInPath, viewer } from '../http/policies.ts';
import { type Route, route } from '../http/route.ts';
import type { Snapshots } from '../setup/setup.ts';
import type { Tasks } from '../tasks/tasks.ts';

export function snapshotRoutes({ snapshots, tasks }: { snapshots: Snapshots; tasks: Tasks }): Route[] {
  return [
    route('GET /servers/:id/setup/snapshots', viewer(serverInPath), ({ params, query }) =>
      snapshots.list(params.id, query),
    ),
    route(
      'POST /servers/:id/setup/snapshots',
      admin(serverInPath),
      async ({ params, body, caller, audit }) => ({
        task: await tasks.start(
          taskTypes.makeSnapshot,
          { serverId: params.id, input: body, createdBy: caller.user.id },
          audit,
        ),
      }),
    ),
    route(
      'POST /servers/:id/setup/snapshots/:snapshotId/restore',
      owner(serverInPath),
      async ({ params: { id, snapshotId }, body, caller, callerNow, signal, audit }) => {
        const { targetServerId: wanted, withCredentials, via } = body;
        const { user } = caller;
        const asked = { targetServerId: wanted, user, signal };
        const { targetServerId, target } = await snapshots.expectRestorable(id, snapshotId, asked);
        // The server took as long as it wanted.
        const now = await callerNow();
        await snapshots.expectOwner(now.user, targetServerId);
        audit.note({ details: { snapshot: snapshotId, targetServerId, withCredentials } });
        const start = {
          ...{ serverId: targetServerId, createdBy: now.user.id },
          input: { snapshotId, sourceServerId: id, withCredentials, target, via },
        };
        return { task: await tasks.start(taskTypes.restoreSnapshot, start, audit) };
      },
    ),
    route(
      'POST /servers/:id/setup/snapshots/:snapshotId/verify',
      admin(serverInPath),
      ({ params, callerNow, signal }) =>
        snapshots.verify(params.id, params.snapshotId, { signal, mayWrite: callerNow }),
    ),
    route(
      'GET /servers/:id/setup/snapshots/:snapshotId/download',
      owner(serverInPath),
      async ({ params, caller, signal, audit }) => {
        const { filename, stream } = await snapshots.download(params.id, params.snapshotId, {
          userId: caller.user.id,
          signal,
        });
        // All that the agents know leaves with it.
        await audit.begin({ target: params.snapshotId });
        return { filename, stream };
      },
    ),
    route(
      'DELETE /servers/:id/setup/snapshots/:snapshotId',
      owner(serverInPath),
      ({ params, signal, audit }) => snapshots.remove(params.id, params.snapshotId, { signal }, audit),
    ),
  ];
}
