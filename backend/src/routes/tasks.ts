// Tasks.

import type { Access } from '../access/access.ts';
import { admin, signedIn, viewer } from '../http/policies.ts';
import { globalScope, type Route, route } from '../http/route.ts';
import type { Tasks } from '../tasks/tasks.ts';

export function taskRoutes({ tasks, access }: { tasks: Tasks; access: Access }): Route[] {
  const serverOfTask = async (params: Record<string, string>) =>
    (await tasks.serverIdOf(params.id ?? '')) ?? globalScope;
  return [
    route('GET /tasks', signedIn, async ({ caller, query, callerNow }) => {
      const serverIds = await access.visibleServerIds(caller.user);
      const { tasks: found, nextCursor } = await tasks.list({ ...query, serverIds, share: caller.user.id });
      return { tasks: found.filter(await access.visibleTo((await callerNow()).user)), nextCursor };
    }),
    route('GET /tasks/active', signedIn, async ({ caller, query }) => ({
      task: await tasks.active({ ...query, serverIds: await access.visibleServerIds(caller.user) }),
    })),
    route('GET /tasks/active-server', signedIn, async ({ caller, query }) => ({
      tasks: await tasks.activeOnServer(query.serverId, await access.visibleServerIds(caller.user)),
    })),
    route('GET /tasks/:id', viewer(serverOfTask), async ({ params }) => ({
      task: await tasks.find(params.id),
    })),
    route('GET /tasks/:id/events', viewer(serverOfTask), ({ caller, params, lastEventId, signal }) =>
      tasks.events(params.id, { lastEventId: lastEventId ?? undefined, share: caller.user.id, signal }),
    ),
    route('GET /tasks/:id/output', viewer(serverOfTask), async ({ params, query }) => ({
      output: await tasks.output(params.id, query.offset),
    })),
    route('POST /tasks/:id/cancel', admin(serverOfTask), async ({ params, audit }) => ({
      task: await tasks.cancel(params.id, audit),
    })),
    route('POST /tasks/:id/retry', admin(serverOfTask), async ({ params, caller, audit }) => ({
      task: await tasks.retry(params.id, caller.user.id, audit),
    })),
  ];
}
