// Status pages of the caller, and what visitors with a link see.
import { anyone, inPerson, signedIn } from '../http/policies.ts';
import { type Route, route } from '../http/route.ts';
import type { StatusPages, Visits } from '../status-pages/status-pages.ts';

export function statusPageRoutes({
  statusPages,
  visits,
}: {
  statusPages: StatusPages;
  visits: Visits;
}): Route[] {
  return [
    route('GET /status-pages', signedIn, ({ caller, query, origin }) =>
      statusPages.list(caller, query, origin),
    ),
    // In person: a link would outlive the API token that made it.
    route('POST /status-pages', inPerson, ({ caller, body, origin, audit }) =>
      statusPages.create(caller, body, origin, audit),
    ),
    route('PUT /status-pages/:id', inPerson, async ({ caller, params, body, origin, ifMatch, audit }) => ({
      statusPage: await statusPages.change(caller, params.id, body, { ifMatch, origin }, audit),
    })),
    route('DELETE /status-pages/:id', signedIn, ({ caller, params, audit }) =>
      statusPages.remove(caller, params.id, audit),
    ),
    route('POST /status-pages/:id/rotate', inPerson, ({ caller, params, origin, audit }) =>
      statusPages.rotate(caller, params.id, origin, audit),
    ),
    route('GET /status/:token', anyone, ({ params }) => visits.read(params.token)),
  ];
}
