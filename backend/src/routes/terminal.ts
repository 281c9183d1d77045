// The terminal of a server.

import { type OpenStreams, readerOf } from '../http/open-streams.ts';
import { admin, serverInPath } from '../http/policies.ts';
import { type Route, route } from '../http/route.ts';
import type { Tickets } from '../http/tickets.ts';
import type { Terminals } from '../terminal/terminals.ts';

export function terminalRoutes({
  terminals,
  tickets,
  openStreams,
}: {
  terminals: Terminals;
  tickets: Tickets;
  openStreams: OpenStreams;
}): Route[] {
  return [
    route('POST /servers/:id/terminal/ticket', admin(serverInPath), ({ caller, params }) => {
      // Here, too: a browser does not show why a WebSocket was refused.
      openStreams.checkRoom(readerOf(caller), 'terminal');
      terminals.checkRoom(params.id);
      return { ticket: tickets.issue(caller, params.id) };
    }),
    route('GET /servers/:id/terminal', admin(serverInPath), ({ caller, params, query, socket, audit }) =>
      terminals.run(caller, params.id, query, socket, audit),
    ),
  ];
}
