// The past of a server.
import type { History } from '../history/history.ts';
import { serverInPath, viewer } from '../http/policies.ts';
import { type Route, route } from '../http/route.ts';

export function historyRoutes({ history }: { history: History }): Route[] {
  return [
    route('GET /servers/:id/history', viewer(serverInPath), ({ params, query }) =>
      history.read(params.id, query),
    ),
  ];
}
