// Maintenance windows, of one server or of those with a tag.
import { admin, serverInPath, signedIn, viewer } from '../http/policies.ts';
import { type Route, route } from '../http/route.ts';
import type { Maintenance } from '../maintenance/maintenance.ts';

export function maintenanceRoutes(maintenance: Maintenance): Route[] {
  return [
    route('GET /servers/:id/maintenance', viewer(serverInPath), ({ params, query }) =>
      maintenance.list({ serverId: params.id }, query),
    ),
    route('POST /servers/:id/maintenance', admin(serverInPath), async ({ caller, params, body, audit }) => {
      const [window] = await maintenance.create({ serverId: params.id }, caller, body, audit);
      return { window: window! };
    }),
    route('DELETE /servers/:id/maintenance', admin(serverInPath), ({ params, audit }) =>
      maintenance.remove({ serverId: params.id }, null, audit),
    ),
    route('DELETE /servers/:id/maintenance/:windowId', admin(serverInPath), ({ params, audit }) =>
      maintenance.remove({ serverId: params.id }, params.windowId, audit),
    ),
    route('GET /maintenance', signedIn, ({ caller, query: { tag, ...page } }) =>
      maintenance.list({ tag, caller }, page),
    ),
    route('POST /maintenance', signedIn, async ({ caller, query: { tag }, body, audit }) => ({
      windows: await maintenance.create({ tag, caller }, caller, body, audit),
    })),
    route('DELETE /maintenance', signedIn, ({ caller, query: { tag }, audit }) =>
      maintenance.remove({ tag, caller }, null, audit),
    ),
  ];
}
