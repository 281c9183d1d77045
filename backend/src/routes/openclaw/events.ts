// The live events of a gateway.
import { admin, serverInPath, viewer } from '../../http/policies.ts';
import { type Route, route } from '../../http/route.ts';
import type { Openclaw } from '../../openclaw/openclaw.ts';

export function openclawEventsRoutes({ events }: Openclaw): Route[] {
  return [
    route(
      'GET /servers/:id/openclaw/events',
      viewer(serverInPath),
      ({ params, lastEventId, signal, admits }) =>
        events.stream(params.id, { lastEventId, mayAct: () => admits(admin(serverInPath)), signal }),
    ),
  ];
}
