// OpenClaw's own web interface: a link to it, and its opening by the person it was made for.
import { admin, inPerson, serverInPath } from '../../http/policies.ts';
import { type Route, route } from '../../http/route.ts';
import type { ControlUi } from '../../openclaw/dashboard/dashboard.ts';

export function openclawControlUiRoutes(controlUi: ControlUi): Route[] {
  return [
    route(
      'GET /servers/:id/openclaw/dashboard-url',
      admin(serverInPath),
      ({ params, caller, origin, signal }) => controlUi.link(caller, params.id, origin, { signal }),
    ),
    route('POST /me/control-ui', inPerson, ({ caller, body, origin, audit }) =>
      controlUi.confirm(caller, body.code, origin, audit),
    ),
  ];
}
