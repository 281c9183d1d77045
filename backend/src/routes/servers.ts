// Servers.
import { admin, owner, serverInPath, signedIn, viewer } from '../http/policies.ts';
import { type Route, route } from '../http/route.ts';
import type { Servers } from '../servers/servers.ts';

export function serverRoutes({ servers }: { servers: Servers }): Route[] {
  return [
    route('GET /servers', signedIn, ({ caller, query }) => servers.list(caller, query)),
    route('POST /servers', signedIn, async ({ caller, body }) => ({
      server: await servers.create(caller, body),
    })),
    route('GET /servers/:id', viewer(serverInPath), async ({ caller, params }) => ({
      server: await servers.find(caller, params.id),
    })),
    route('PUT /servers/:id', admin(serverInPath), async ({ caller, params, body, ifMatch }) => ({
      server: await servers.update(caller, params.id, body, ifMatch),
    })),
    route('DELETE /servers/:id', owner(serverInPath), ({ params }) => servers.remove(params.id)),
    route('POST /servers/:id/test', admin(serverInPath), ({ params, signal }) =>
      servers.test(params.id, signal),
    ),
    route(
      'POST /servers/:id/host-key/accept',
      owner(serverInPath),
      async ({ caller, params, body, signal }) => ({
        server: await servers.acceptHostKey(caller, params.id, body.fingerprint, signal),
      }),
    ),
    route('POST /servers/:id/exec', admin(serverInPath), ({ params, body, signal }) =>
      servers.exec(params.id, body, signal),
    ),
  ];
}
