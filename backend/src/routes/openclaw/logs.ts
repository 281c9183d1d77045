// The gateway's log.
import { serverInPath, viewer } from '../../http/policies.ts';
import { type Route, route } from '../../http/route.ts';
import type { Openclaw } from '../../openclaw/openclaw.ts';

export function openclawLogsRoutes({ logs }: Openclaw): Route[] {
  return [
    route('GET /servers/:id/openclaw/logs', viewer(serverInPath), ({ params, query, signal }) =>
      logs.read(params.id, query, { signal }),
    ),
    route(
      'GET /servers/:id/openclaw/logs/stream',
      viewer(serverInPath),
      ({ params, query, lastEventId, signal }) =>
        logs.stream(params.id, { lines: query.lines, lastEventId, signal }),
    ),
  ];
}
