// The models that OpenClaw may use.
import { admin, serverInPath, viewer } from '../../http/policies.ts';
import { type Route, route } from '../../http/route.ts';
import type { Openclaw } from '../../openclaw/openclaw.ts';

export function openclawModelsRoutes({ models }: Openclaw): Route[] {
  return [
    route('GET /servers/:id/openclaw/models', viewer(serverInPath), ({ params, signal }) =>
      models.read(params.id, { signal }),
    ),
    route(
      'PUT /servers/:id/openclaw/models/default',
      admin(serverInPath),
      ({ params, body, caller, signal }) => models.setDefault(params.id, body, caller.user.id, { signal }),
    ),
  ];
}
