// A server with its owner, an admin, a viewer and a stranger: the fixture for suites about access.
import type { AuditEntry } from '@buoy/contract';
import type { LightMyRequestResponse } from 'fastify';
import { auditLogOf } from './audit-log.ts';
import { SUPER_ID, startTestBuoy, type TestBuoy } from './test-buoy.ts';

/** Telegram ids. */
export const ids = {
  owner: '100',
  admin: '101',
  viewer: '102',
  stranger: '103',
  super: String(SUPER_ID),
} as const;
export type Person = keyof typeof ids;

export type AccessFixture = {
  running: TestBuoy;
  tokens: Record<Person, string>;
  /** A server of `owner` with the roles `admin` and `viewer`. Nothing listens on its port. */
  newServer(changes?: { name?: string; [field: string]: unknown }): Promise<string>;
  /** Calls as that person; sends the body as JSON. */
  as(
    person: Person,
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    url: string,
    body?: object,
  ): Promise<LightMyRequestResponse>;
  /** User id → role, as the owner sees it. */
  rolesOn(serverId: string): Promise<Record<string, string>>;
  /** The whole audit log, oldest first. */
  auditLog(): Promise<AuditEntry[]>;
};

export async function prepareAccessFixture(environment: Record<string, string> = {}): Promise<AccessFixture> {
  const running = await startTestBuoy(environment);
  const tokens = {} as Record<Person, string>;
  for (const person of Object.keys(ids) as Person[])
    tokens[person] = await running.signIn(Number(ids[person]));

  const as: AccessFixture['as'] = (person, method, url, body) =>
    running.call(method, url, { token: tokens[person], body });
  const must = async (answer: Promise<LightMyRequestResponse>) => {
    const { statusCode, body } = await answer;
    if (statusCode !== 201) throw new Error(`${statusCode} ${body}`);
    return JSON.parse(body);
  };

  const used = new Set<string>();
  /** The same name may be passed again: it is made unique per owner. */
  const freeName = (wanted: string): string => {
    const name = used.has(wanted) ? `${wanted} ${used.size + 1}` : wanted;
    used.add(name);
    return name;
  };
  return {
    running,
    tokens,
    as,
    async newServer(changes = {}) {
      const body = {
        ...{ host: '127.0.0.1', port: 1, username: 'root' },
        ...{ authType: 'password', password: 'Stored-pa55word', ...changes },
        name: freeName(changes.name ?? 'shared'),
      };
      const { server } = await must(as('owner', 'POST', '/servers', body));
      for (const role of ['admin', 'viewer'] as const)
        await must(as('owner', 'POST', `/servers/${server.id}/access`, { userId: ids[role], role }));
      return server.id;
    },
    async rolesOn(serverId) {
      const { members } = (await as('super', 'GET', `/servers/${serverId}/access`)).json();
      return Object.fromEntries(
        members.map((one: { userId: string; role: string }) => [one.userId, one.role]),
      );
    },
    auditLog: async () => (await auditLogOf(running, tokens.super)).toReversed(),
  };
}
