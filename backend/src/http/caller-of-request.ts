// The caller of a request, looked up once for rate limits and authorization.
import type { FastifyRequest } from 'fastify';
import { type Caller, countedPerson } from '../users/caller.ts';
import type { Authorizer } from './authorize.ts';
import type { PathParams } from './route.ts';
import type { Tickets } from './tickets.ts';

export type CallerOfRequest = {
  /** The caller of this request's token. @throws AppError 401 */
  identify(request: FastifyRequest): Promise<Caller>;
  /** Whose budget this request draws from: a person's or an API token's; null: nobody has proved who they are. */
  budgetOf(request: FastifyRequest): Promise<string | null>;
  /** The person with all devices, or with all API tokens: for what more sessions and tokens must not buy more of. */
  personOf(request: FastifyRequest): Promise<string | null>;
  /** The session that brings this request; null: an API token, or nobody who has proved who they are. */
  sessionOf(request: FastifyRequest): Promise<string | null>;
};

export function createCallerOfRequest({
  authorizer,
  tickets,
}: {
  authorizer: Pick<Authorizer, 'identify'>;
  tickets: Pick<Tickets, 'holder'>;
}): CallerOfRequest {
  const callers = new WeakMap<FastifyRequest, Promise<Caller>>();

  const identify = (request: FastifyRequest): Promise<Caller> => {
    const known = callers.get(request);
    if (known !== undefined) return known;
    const caller = authorizer.identify(request.headers.authorization);
    callers.set(request, caller);
    return caller;
  };

  /** The authenticated caller; null: none. */
  const proved = async (request: FastifyRequest): Promise<Caller | null> => {
    const { ticket } = request.query as { ticket?: unknown };
    if (request.routeOptions.config.socket !== undefined && typeof ticket === 'string')
      return tickets.holder(ticket, (request.params as PathParams).id);
    if (request.headers.authorization === undefined) return null;
    // Authorization reports what is wrong with the token.
    return identify(request).catch(() => null);
  };

  return {
    identify,
    async budgetOf(request) {
      const caller = await proved(request);
      if (caller === null) return null;
      return caller.apiToken === null ? `person:${caller.user.id}` : `token:${caller.apiToken.id}`;
    },
    async personOf(request) {
      const caller = await proved(request);
      return caller === null ? null : countedPerson(caller);
    },
    async sessionOf(request) {
      return (await proved(request))?.sessionId ?? null;
    },
  };
}
