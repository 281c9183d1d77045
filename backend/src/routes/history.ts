// The past of servers.
import type { Access } from '../access/access.ts';
import type { History } from '../history/history.ts';
import { serverInPath, signedIn, viewer } from '../http/policies.ts';
import { type Route, route } from '../http/route.ts';

export function historyRoutes({ history, access }: { history: History; access: Access }): Route[] {
  return [
    route('GET /servers/:id/history', viewer(serverInPath), ({ params, query }) =>
      history.read(params.id, query),
    ),
    route('GET /history/hours', signedIn, async ({ caller, query, callerNow }) => {
      const serverIds = await access.visibleServerIds(caller.user);
      const { servers, ...rest } = await history.hours({ ...query, serverIds });
      return { ...rest, servers: servers.filter(await access.visibleTo((await callerNow()).user)) };
    }),
  ];
}
