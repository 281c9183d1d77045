// The content of a Buoy as the kill suite compares it: once from the database, once as the audit log says it must be.
import type { Db } from '../../src/db/database.ts';

export type Fixture = {
  /** Each update raises the version by one. */
  servers: Map<string, { name: string; version: number; owner: string }>;
  /** "server user" → role. */
  grants: Map<string, string>;
  /** Names of live API tokens, which the clients never use twice. */
  tokens: Set<string>;
  /** User → start of their quiet hours. */
  quietFrom: Map<string, string>;
  /** Number of all sessions, ended ones included. */
  tasks: Map<string, string>;
  /** Of all people, ended ones included. */
  sessions: number;
  signedOut: Set<string>;
};

export function emptyFixture(): Fixture {
  return {
    servers: new Map(),
    grants: new Map(),
    tokens: new Set(),
    quietFrom: new Map(),
    tasks: new Map(),
    sessions: 0,
    signedOut: new Set(),
  };
}

/** Reads the fixture from the database. Throws for a half-written server: one without its state or its owner's grant. */
export async function readFixture(db: Db): Promise<Fixture> {
  const servers = await db
    .selectFrom('servers')
    .leftJoin('serverStatuses', 'serverStatuses.serverId', 'servers.id')
    .select(['id', 'name', 'version', 'createdBy', 'serverStatuses.state'])
    .execute();
  const grants = await db.selectFrom('grants').select(['serverId', 'userId', 'role']).execute();
  const tokens = await db.selectFrom('apiTokens').select('name').execute();
  const prefs = await db.selectFrom('notificationPrefs').select(['userId', 'prefs']).execute();
  const tasks = await db.selectFrom('tasks').select(['id', 'serverId']).execute();
  const sessions = await db.selectFrom('sessions').select(['id', 'revokedAt']).execute();
  const owners = new Set(grants.filter(({ role }) => role === 'owner').map(({ serverId }) => serverId));
  const half = servers.filter(({ id, state }) => state === null || !owners.has(id));
  if (half.length > 0) throw new Error(`Half written: ${half.map(({ id }) => id).join(', ')}`);
  return {
    servers: new Map(
      servers.map(({ id, name, version, createdBy }) => [id, { name, version, owner: createdBy }]),
    ),
    grants: new Map(grants.map(({ serverId, userId, role }) => [`${serverId} ${userId}`, role])),
    tokens: new Set(tokens.map(({ name }) => name)),
    quietFrom: new Map(prefs.map((row) => [row.userId, quietStartIn(row.prefs)])),
    tasks: new Map(tasks.map(({ id, serverId }) => [id, serverId ?? ''])),
    sessions: sessions.length,
    signedOut: new Set(sessions.filter(({ revokedAt }) => revokedAt !== null).map(({ id }) => id)),
  };
}

function quietStartIn(prefs: string): string {
  return (JSON.parse(prefs) as { quietHours: { start: string } }).quietHours.start;
}
