// Access: members, invites, ownership.
import type { Invites } from '../access/invites.ts';
import type { Members } from '../access/members.ts';
import { admin, anyone, leavingMember, owner, serverInPath, signedInOrPending } from '../http/policies.ts';
import { type Route, route } from '../http/route.ts';
import type { Servers } from '../servers/servers.ts';

export function accessRoutes(parts: { members: Members; invites: Invites; servers: Servers }): Route[] {
  const { members, invites, servers } = parts;
  return [
    route('GET /servers/:id/access', admin(serverInPath), async ({ params }) => ({
      members: await members.list(params.id),
      nextCursor: null,
    })),
    route('POST /servers/:id/access', owner(serverInPath), async ({ caller, params, body, audit }) => ({
      member: await members.grant(caller, params.id, body, audit),
    })),
    route(
      'PUT /servers/:id/access/:userId',
      owner(serverInPath),
      async ({ caller, params, body, audit }) => ({
        member: await members.changeRole(caller, params.id, params.userId, body.role, audit),
      }),
    ),
    route('DELETE /servers/:id/access/:userId', leavingMember(serverInPath), ({ caller, params, audit }) =>
      members.revoke(caller, params.id, params.userId, audit),
    ),
    route('POST /servers/:id/transfer', owner(serverInPath), async ({ caller, params, body, audit }) => {
      await members.transfer(caller, params.id, body.userId, audit);
      return { server: await servers.find(caller, params.id) };
    }),
    route('GET /servers/:id/invites', owner(serverInPath), async ({ params }) => ({
      invites: await invites.list(params.id),
      nextCursor: null,
    })),
    route(
      'POST /servers/:id/invites',
      owner(serverInPath),
      async ({ caller, params, body, origin, audit }) => ({
        invite: await invites.create(caller, params.id, body, origin, audit),
      }),
    ),
    route('DELETE /servers/:id/invites/:inviteId', owner(serverInPath), ({ params, audit }) =>
      invites.revoke(params.id, params.inviteId, audit),
    ),
    route('POST /auth/invite/show', anyone, async ({ body }) => ({ invite: await invites.show(body.code) })),
    route('POST /auth/invite', anyone, async ({ body, client, audit, refreshCookie }) => {
      const { refreshCookie: kept, ...answer } = await invites.acceptAsGuest(body, client, audit);
      refreshCookie.write(kept);
      return answer;
    }),
    route('POST /invites/accept', signedInOrPending, async ({ caller, body, audit }) => ({
      server: await servers.find(caller, await invites.accept(caller, body.code, audit)),
    })),
  ];
}
