// OpenClaw status of a server.
import { serverInPath, viewer } from '../../http/policies.ts';
import { type Route, route } from '../../http/route.ts';
import type { Openclaw } from '../../openclaw/openclaw.ts';

export function openclawStatusRoutes({ status }: Openclaw): Route[] {
  return [
    route('GET /servers/:id/openclaw/status', viewer(serverInPath), ({ params, signal }) =>
      status.read(params.id, { signal }),
    ),
  ];
}
