// The terminal of a server.
import { admin, serverInPath } from '../http/policies.ts';
import { type Route, route } from '../http/route.ts';
import type { Tickets } from '../http/tickets.ts';
import type { Terminals } from '../terminal/terminals.ts';

export function terminalRoutes({ terminals, tickets }: { terminals: Terminals; tickets: Tickets }): Route[] {
  return [
    route('POST /servers/:id/terminal/ticket', admin(serverInPath), ({ caller, params }) => {
      terminals.checkRoom(caller.user.id, params.id);
      return { ticket: tickets.issue(caller, params.id) };
    }),
    route('GET /servers/:id/terminal', admin(serverInPath), ({ caller, params, query, socket, audit }) =>
      terminals.run(caller, params.id, query, socket, audit),
    ),
  ];
}
