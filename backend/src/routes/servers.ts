// Servers.
import { admin, owner, serverInPath, signedIn, viewer } from '../http/policies.ts';
import { type Route, route } from '../http/route.ts';
import type { Servers } from '../servers/servers.ts';

export function serverRoutes({ servers }: { servers: Servers }): Route[] {
  return [
    route('GET /servers', signedIn, ({ caller, query }) => servers.list(caller, query)),
    route('GET /servers/events', signedIn, ({ caller, signal }) => servers.events(caller, signal)),
    route('POST /servers', signedIn, async ({ caller, body, callerNow, audit }) => ({
      server: await servers.create(caller, body, callerNow, audit),
    })),
    route('POST /servers/host-key', signedIn, async ({ caller, body, callerNow, signal, audit }) => ({
      hostKey: await servers.scanHostKey(caller, body, { callerNow, signal }, audit),
    })),
    route('GET /servers/:id', viewer(serverInPath), async ({ caller, params }) => ({
      server: await servers.find(caller, params.id),
    })),
    route(
      'PUT /servers/:id',
      admin(serverInPath),
      async ({ caller, params, body, ifMatch, callerNow, audit }) => ({
        server: await servers.update(caller, params.id, body, { ifMatch, callerNow }, audit),
      }),
    ),
    route('DELETE /servers/:id', owner(serverInPath), ({ params, audit }) =>
      servers.remove(params.id, audit),
    ),
    route(
      'POST /servers/:id/clone',
      admin(serverInPath),
      async ({ caller, params, body, callerNow, audit }) => ({
        server: await servers.clone(caller, params.id, body, callerNow, audit),
      }),
    ),
    route('POST /servers/:id/test', admin(serverInPath), ({ params, signal, audit }) => {
      audit.unchanged();
      return servers.test(params.id, signal);
    }),
    route(
      'POST /servers/:id/host-key/accept',
      owner(serverInPath),
      async ({ caller, params, body, callerNow, signal, audit }) => ({
        server: await servers.acceptHostKey(
          caller,
          params.id,
          body.fingerprint,
          { callerNow, signal },
          audit,
        ),
      }),
    ),
    route('POST /servers/:id/exec', admin(serverInPath), ({ params, body, signal, audit }) =>
      servers.exec(params.id, body, signal, audit),
    ),
    route('POST /servers/:id/exec/stream', admin(serverInPath), ({ params, body, signal, audit }) =>
      servers.execStream(params.id, body, signal, audit),
    ),
  ];
}
