// Pairing requests.
import { admin, serverInPath } from '../../http/policies.ts';
import { type Route, route } from '../../http/route.ts';
import type { Openclaw } from '../../openclaw/openclaw.ts';

export function openclawPairingRoutes({ pairing }: Pick<Openclaw, 'pairing'>): Route[] {
  return [
    route('GET /servers/:id/openclaw/pairing', admin(serverInPath), ({ params, signal }) =>
      pairing.list(params.id, { signal }),
    ),
    route(
      'POST /servers/:id/openclaw/pairing/:requestId/approve',
      admin(serverInPath),
      ({ params, signal, audit }) => pairing.resolve(params.id, params.requestId, 'approved', audit, signal),
    ),
    route(
      'POST /servers/:id/openclaw/pairing/:requestId/reject',
      admin(serverInPath),
      ({ params, signal, audit }) => pairing.resolve(params.id, params.requestId, 'rejected', audit, signal),
    ),
  ];
}
