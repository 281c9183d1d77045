// Thresholds of the checks, of one server or of those with a tag.
import { admin, serverInPath, signedIn, viewer } from '../http/policies.ts';
import { type Route, route } from '../http/route.ts';
import type { ThresholdsFeature } from '../thresholds/thresholds.ts';

export function thresholdRoutes(thresholds: ThresholdsFeature): Route[] {
  return [
    route('GET /servers/:id/thresholds', viewer(serverInPath), ({ params }) =>
      thresholds.read({ serverId: params.id }),
    ),
    route('PUT /servers/:id/thresholds', admin(serverInPath), ({ caller, params, body, audit }) =>
      thresholds.change({ serverId: params.id }, caller, body.thresholds, audit),
    ),
    route('GET /thresholds', signedIn, ({ caller, query: { tag } }) => thresholds.read({ tag, caller })),
    route('PUT /thresholds', signedIn, ({ caller, query: { tag }, body, audit }) =>
      thresholds.change({ tag, caller }, caller, body.thresholds, audit),
    ),
  ];
}
