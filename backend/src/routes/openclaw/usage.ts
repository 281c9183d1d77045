// Usage of agents.
import { serverInPath, viewer } from '../../http/policies.ts';
import { type Route, route } from '../../http/route.ts';
import type { Openclaw } from '../../openclaw/openclaw.ts';

export function openclawUsageRoutes({ usage }: Openclaw): Route[] {
  return [
    route('GET /servers/:id/openclaw/usage', viewer(serverInPath), ({ params, query, signal }) =>
      usage.read(params.id, query, { signal }),
    ),
  ];
}
