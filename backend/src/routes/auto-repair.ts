// Automatic repair of a server's gateway.
import { admin, serverInPath, viewer } from '../http/policies.ts';
import { type Route, route } from '../http/route.ts';
import type { AutoRepairs } from '../repair/auto-repair.ts';

export function autoRepairRoutes(autoRepairs: AutoRepairs): Route[] {
  return [
    route('GET /servers/:id/auto-repair', viewer(serverInPath), ({ params }) => autoRepairs.read(params.id)),
    route('PUT /servers/:id/auto-repair', admin(serverInPath), ({ params, caller, body, audit }) =>
      autoRepairs.set(params.id, caller, body, audit),
    ),
  ];
}
