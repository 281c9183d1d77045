// The acts of the kill suite's clients: each is a request, and its effect on the fixture once it is done.
import type { EndpointKey } from '@buoy/contract';
import { BOT_TOKEN, forgeInitData } from '../../../testbed/forge-init-data.ts';
import type { Fixture } from './killed-fixture.ts';

/** Ids of the records that the act made, from its answer or its audit entry; empty when it makes none. */
export type CreatedIds = { serverId: string; taskId: string };

export type Act = {
  key: EndpointKey;
  path: string;
  body?: object;
  idempotencyKey?: string;
  /** Changes `fixture` as the act does. */
  apply(fixture: Fixture, made: CreatedIds): void;
};

export function createServer(owner: string, name: string): Act {
  return {
    key: 'POST /servers',
    path: '/servers',
    // Nothing listens on port 1 of this machine: the first test ends at once.
    body: { name, host: '127.0.0.1', port: 1, username: 'root', authType: 'password', password: 'x' },
    idempotencyKey: `create-${name}`,
    apply(fixture, { serverId }) {
      fixture.servers.set(serverId, { name, version: 1, owner });
      fixture.grants.set(`${serverId} ${owner}`, 'owner');
    },
  };
}

export function renameServer(id: string, name: string): Act {
  return {
    key: 'PUT /servers/:id',
    path: `/servers/${id}`,
    body: { name },
    apply({ servers }) {
      const { version = 0, owner = '' } = servers.get(id) ?? {};
      servers.set(id, { name, version: version + 1, owner });
    },
  };
}

export function deleteServer(id: string): Act {
  return {
    key: 'DELETE /servers/:id',
    path: `/servers/${id}`,
    apply({ servers, grants, tasks }) {
      servers.delete(id);
      for (const grant of [...grants.keys()]) if (grant.startsWith(`${id} `)) grants.delete(grant);
      for (const [task, server] of [...tasks]) if (server === id) tasks.delete(task);
    },
  };
}

type GrantableRole = 'admin' | 'viewer';

export function grantAccess(id: string, userId: string, role: GrantableRole): Act {
  return {
    key: 'POST /servers/:id/access',
    path: `/servers/${id}/access`,
    body: { userId, role },
    apply: ({ grants }) => void grants.set(`${id} ${userId}`, role),
  };
}

export function changeRole(id: string, userId: string, role: GrantableRole): Act {
  return {
    key: 'PUT /servers/:id/access/:userId',
    path: `/servers/${id}/access/${userId}`,
    body: { role },
    apply: ({ grants }) => void grants.set(`${id} ${userId}`, role),
  };
}

export function revokeAccess(id: string, userId: string): Act {
  return {
    key: 'DELETE /servers/:id/access/:userId',
    path: `/servers/${id}/access/${userId}`,
    apply: ({ grants }) => void grants.delete(`${id} ${userId}`),
  };
}

export function createToken(name: string): Act {
  return {
    key: 'POST /me/tokens',
    path: '/me/tokens',
    body: { name, scopes: ['read'] },
    apply: ({ tokens }) => void tokens.add(name),
  };
}

export function revokeToken(id: string, name: string): Act {
  return {
    key: 'DELETE /me/tokens/:id',
    path: `/me/tokens/${id}`,
    apply: ({ tokens }) => void tokens.delete(name),
  };
}

export function moveQuietHours(userId: string, start: string): Act {
  return {
    key: 'PUT /me/notification-prefs',
    path: '/me/notification-prefs',
    body: { quietHours: { start } },
    apply: ({ quietFrom }) => void quietFrom.set(userId, start),
  };
}

export function restartGateway(serverId: string): Act {
  return {
    key: 'POST /servers/:id/openclaw/restart',
    path: `/servers/${serverId}/openclaw/restart`,
    apply: ({ tasks }, { taskId }) => void tasks.set(taskId, serverId),
  };
}

/** Whether the task has ended is its own history: the fixture does not change. */
export function cancelTask(id: string): Act {
  return { key: 'POST /tasks/:id/cancel', path: `/tasks/${id}/cancel`, apply: () => undefined };
}

/** @param launch makes this sign-in differ from all before */
export function signInByTelegram(userId: string, launch: string): Act {
  return {
    key: 'POST /auth/telegram',
    path: '/auth/telegram',
    body: { initData: forgeInitData({ id: Number(userId), first_name: launch }, BOT_TOKEN) },
    apply(fixture) {
      fixture.sessions += 1;
    },
  };
}

export function signOut(sessionId: string): Act {
  return {
    key: 'DELETE /me/sessions/:id',
    path: `/me/sessions/${sessionId}`,
    apply: ({ signedOut }) => void signedOut.add(sessionId),
  };
}
