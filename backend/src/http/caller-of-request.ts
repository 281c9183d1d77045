// Whose request it is, looked up once: the limits ask before the door does.
import type { FastifyRequest } from 'fastify';
import type { Caller } from '../users/caller.ts';
import type { Door } from './authorize.ts';
import type { PathParams } from './route.ts';
import type { Tickets } from './tickets.ts';

export type CallerOfRequest = {
  /** Who brings the token of this request. @throws AppError 401 */
  identify(request: FastifyRequest): Promise<Caller>;
  /** Whose budget this request draws from; null: nobody has proved who they are. */
  budgetOf(request: FastifyRequest): Promise<string | null>;
};

export function createCallerOfRequest({
  door,
  tickets,
}: {
  door: Pick<Door, 'identify'>;
  tickets: Pick<Tickets, 'holder'>;
}): CallerOfRequest {
  const looked = new WeakMap<FastifyRequest, Promise<Caller>>();

  const identify = (request: FastifyRequest): Promise<Caller> => {
    const known = looked.get(request);
    if (known !== undefined) return known;
    const looking = door.identify(request.headers.authorization);
    looked.set(request, looking);
    return looking;
  };

  return {
    identify,
    async budgetOf(request) {
      const { ticket } = request.query as { ticket?: unknown };
      const isByTicket = request.routeOptions.config.socket !== undefined && typeof ticket === 'string';
      const caller = isByTicket
        ? tickets.holder(ticket, (request.params as PathParams).id)
        : request.headers.authorization === undefined
          ? null
          : // What is wrong with the token is for the door to say.
            await identify(request).catch(() => null);
      if (caller === null) return null;
      return caller.apiToken === null ? `person:${caller.user.id}` : `token:${caller.apiToken.id}`;
    },
  };
}
