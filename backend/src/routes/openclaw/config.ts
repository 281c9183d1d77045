// The config of OpenClaw: read it, try a change, make it, see who changed it, go back.
import { admin, serverInPath, viewer } from '../../http/policies.ts';
import { type Route, route } from '../../http/route.ts';
import type { Openclaw } from '../../openclaw/openclaw.ts';

export function openclawConfigRoutes({ config }: Openclaw): Route[] {
  return [
    route('GET /servers/:id/openclaw/config', viewer(serverInPath), ({ params, signal }) =>
      config.read(params.id, { signal }),
    ),
    route('GET /servers/:id/openclaw/config/schema', viewer(serverInPath), ({ params, query, signal }) =>
      config.schema(params.id, query.path, { signal }),
    ),
    route(
      'POST /servers/:id/openclaw/config/preview',
      admin(serverInPath),
      ({ params, body, audit, signal }) => {
        audit.unchanged({ details: { body: config.withoutSecrets(body) } });
        return config.preview(params.id, body, { signal });
      },
    ),
    route(
      'PUT /servers/:id/openclaw/config',
      admin(serverInPath),
      ({ params, body, caller, audit, signal }) => {
        audit.note({ details: { body: config.withoutSecrets(body) } });
        return config.put(params.id, body, caller.user.id, { signal });
      },
    ),
    route('GET /servers/:id/openclaw/config/history', viewer(serverInPath), ({ params, query }) =>
      config.history(params.id, query),
    ),
    route('GET /servers/:id/openclaw/config/history/:rev/diff', viewer(serverInPath), ({ params }) =>
      config.diff(params.id, params.rev),
    ),
    route(
      'POST /servers/:id/openclaw/config/rollback',
      admin(serverInPath),
      ({ params, body, caller, signal }) => config.rollback(params.id, body, caller.user.id, { signal }),
    ),
  ];
}
