// Conversations with agents.
import { admin, serverInPath, viewer } from '../../http/policies.ts';
import { type Route, route } from '../../http/route.ts';
import type { Openclaw } from '../../openclaw/openclaw.ts';

export function openclawSessionsRoutes({ sessions }: Openclaw): Route[] {
  return [
    route('GET /servers/:id/openclaw/sessions', viewer(serverInPath), ({ params, query, signal }) =>
      sessions.list(params.id, { ...query, archived: query.archived === 'true' }, { signal }),
    ),
    route('GET /servers/:id/openclaw/sessions/:key', viewer(serverInPath), ({ params, signal }) =>
      sessions.find(params.id, params.key, { signal }),
    ),
    route(
      'GET /servers/:id/openclaw/sessions/:key/messages',
      viewer(serverInPath),
      ({ params, query, signal }) => sessions.messages(params.id, params.key, query, { signal }),
    ),
    route(
      'POST /servers/:id/openclaw/sessions/:key/messages',
      admin(serverInPath),
      async ({ params, body, signal }) => ({
        run: await sessions.send(params.id, params.key, body.text, { signal }),
      }),
    ),
    route('POST /servers/:id/openclaw/sessions/:key/abort', admin(serverInPath), ({ params, body, signal }) =>
      sessions.abort(params.id, params.key, body.runId, { signal }),
    ),
    route(
      'POST /servers/:id/openclaw/sessions/:key/reset',
      admin(serverInPath),
      async ({ params, signal }) => ({ session: await sessions.reset(params.id, params.key, { signal }) }),
    ),
    route('POST /servers/:id/openclaw/sessions/:key/compact', admin(serverInPath), ({ params, signal }) =>
      sessions.compact(params.id, params.key, { signal }),
    ),
    route(
      'PUT /servers/:id/openclaw/sessions/:key',
      admin(serverInPath),
      async ({ params, body, signal }) => ({
        session: await sessions.change(params.id, params.key, body, { signal }),
      }),
    ),
    route('DELETE /servers/:id/openclaw/sessions/:key', admin(serverInPath), ({ params, signal }) =>
      sessions.remove(params.id, params.key, { signal }),
    ),
  ];
}
