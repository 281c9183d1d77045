// The real HTTP application on real stores, with stubs for the features that a test of authorization does not need.

import { contract, type EndpointKey, type Role } from '@buoy/contract';
import type { FastifyInstance } from 'fastify';
import { BOT_TOKEN, forgeInitData } from '../../../testbed/forge-init-data.ts';
import { createAccessStore } from '../../src/access/access.store.ts';
import { createAccess } from '../../src/access/access.ts';
import { buildApp } from '../../src/app.ts';
import { createAuditStore } from '../../src/audit/audit.store.ts';
import { type Audit, createAudit } from '../../src/audit/audit.ts';
import { chainKey } from '../../src/audit/chain.ts';
import { testDatabases } from '../../src/db/testing/databases.ts';
import { serverRow } from '../../src/db/testing/server-row.ts';
import { createAuthorizer } from '../../src/http/authorize.ts';
import { createIdempotencyStore } from '../../src/http/idempotency.store.ts';
import { createIdempotency } from '../../src/http/idempotency.ts';
import { createOpenStreams } from '../../src/http/open-streams.ts';
import type { OpenapiDocument } from '../../src/http/openapi.ts';
import { signedIn } from '../../src/http/policies.ts';
import type { RateLimits } from '../../src/http/rate-limit.ts';
import { createRepeatedCalls } from '../../src/http/repeated-calls.ts';
import type { Route } from '../../src/http/route.ts';
import { createTickets } from '../../src/http/tickets.ts';
import { AppError } from '../../src/lib/app-error.ts';
import type { Clock } from '../../src/lib/clock.ts';
import { createLogger } from '../../src/lib/create-logger.ts';
import { createPrefsStore } from '../../src/notify/prefs.store.ts';
import { createNotificationPrefs } from '../../src/notify/prefs.ts';
import { authRoutes } from '../../src/routes/auth.ts';
import { healthRoutes } from '../../src/routes/health.ts';
import { meRoutes } from '../../src/routes/me.ts';
import { createServerStore } from '../../src/servers/servers.store.ts';
import { createApiTokenStore } from '../../src/users/api-tokens.store.ts';
import { createApiTokens } from '../../src/users/api-tokens.ts';
import { createAuthentication } from '../../src/users/authentication.ts';
import { createChatSignIns } from '../../src/users/chat-sign-ins.ts';
import { createDeviceLoginStore } from '../../src/users/device-login.store.ts';
import { createDeviceLogins } from '../../src/users/device-login.ts';
import { createSessionStore } from '../../src/users/sessions.store.ts';
import { createSignInStore } from '../../src/users/sign-in.store.ts';
import { createSignIn } from '../../src/users/sign-in.ts';
import { createTelegramLoginStore } from '../../src/users/telegram-login.store.ts';
import { createTelegramLogins } from '../../src/users/telegram-login.ts';
import { admissionParts, linkCodeFor, signInLinksOf } from '../../src/users/testing/people.ts';
import { createTokens } from '../../src/users/tokens.ts';
import { createUserStore } from '../../src/users/users.store.ts';
import { createVault } from '../../src/vault/vault.ts';

/** Telegram id of the super-admin. */
export const SUPER_ID = 1;

export type DurabilityApp = {
  app: FastifyInstance;
  /** The code of a one-time link for this person. */
  linkCodeFor(userId: string): Promise<string>;
  /** Signs a Telegram user in; returns the Authorization header. */
  authorization(userId: number): Promise<string>;
  /** Stores a server with this one grant. */
  addServer(id: string, userId: number, role: Role): Promise<void>;
  revokeGrants(serverId: string): Promise<void>;
  audit: Audit;
  close(): Promise<void>;
};

export type DurabilityAppOptions = {
  /** In place of the stubs, which answer 404. */
  routes?: readonly Route[];
  /** Bound in addition to everything else. */
  more?: readonly Route[];
  /** Contract entries that are left unbound. */
  unbound?: readonly EndpointKey[];
  /** Adds routes to the application by hand, outside of the contract. */
  addRoutes?: (app: FastifyInstance) => void;
  ping?: () => Promise<void>;
  rateLimits?: Partial<RateLimits>;
  appDomain?: string | null;
  trustProxy?: number;
  clock?: Clock;
};

const noTimers: Clock = { now: () => Date.now(), after: () => () => undefined };

/** @throws the error of buildApp, after closing the database */
export async function startDurabilityApp(options: DurabilityAppOptions = {}): Promise<DurabilityApp> {
  const { clock = noTimers, routes = [], unbound = [] } = options;
  const [sqlite] = testDatabases();
  if (sqlite === undefined) throw new Error('SQLite is always there.');
  const database = await sqlite.open();
  const { db, dialect } = database;
  const access = createAccess({
    store: createAccessStore(db),
    isSuperAdmin: () => Promise.resolve(false),
  });
  const vault = createVault([{ id: 'k', key: Buffer.alloc(32, 7) }]);
  const people = admissionParts(database, clock, {
    adminUserIds: new Set([String(SUPER_ID)]),
    signUp: 'open',
  });
  const signIn = createSignIn({
    users: createUserStore(db),
    sessions: createSessionStore(db),
    store: createSignInStore(db),
    tokens: await createTokens({ secrets: ['a secret of at least 32 characters'], clock }),
    botToken: BOT_TOKEN,
    ...people,
    sessionMaxDays: 90,
    commands: 'npm',
    clock,
  });
  const apiTokens = createApiTokens({
    store: createApiTokenStore(db),
    presentUser: people.present,
    clock,
  });
  const deviceLogins = createDeviceLogins({
    store: createDeviceLoginStore({ db, dialect }),
    signIn,
    appDomain: options.appDomain ?? null,
    clock,
  });
  const telegramLogins = createTelegramLogins({
    store: createTelegramLoginStore(db),
    provider: null,
    signIn,
    appDomain: options.appDomain ?? null,
    clock,
  });
  const notificationPrefs = createNotificationPrefs({ store: createPrefsStore(db), clock });
  const audit = createAudit({
    store: createAuditStore(db),
    key: chainKey(Buffer.alloc(32, 3)),
    anchor: { read: async () => null, advance: () => undefined, close: async () => undefined },
    clock,
  });
  const bound = (app: FastifyInstance, document: () => Promise<OpenapiDocument>): Route[] => {
    options.addRoutes?.(app);
    const real = [
      ...routes,
      ...healthRoutes({
        ping: options.ping ?? database.ping,
        version: '0.0.0-test',
        uptimeS: () => 1,
        document,
      }),
      ...authRoutes({
        commands: 'npm',
        signIn,
        deviceLogins,
        telegramLogins,
        passkeys: { workAt: () => true },
        oidcLogins: { isSetUp: false },
        allowInsecureHttp: false,
      }),
      ...meRoutes({
        signIn,
        signInLinks: signInLinksOf(database, clock),
        people: { rename: () => Promise.reject(new Error('nobody is renamed here')) },
        apiTokens,
        notificationPrefs,
      }),
    ];
    const keys = (Object.keys(contract) as EndpointKey[]).filter((key) => !unbound.includes(key));
    const all = keys.map((key) => real.find((route) => route.key === key) ?? standIn(key));
    return [...all, ...(options.more ?? [])];
  };
  const app = await buildApp({
    routes: bound,
    authorizer: createAuthorizer({
      authentication: createAuthentication({
        signIn,
        apiTokens,
        chatSignIns: createChatSignIns({ users: createUserStore(db), presentUser: people.present }),
      }),
      access,
    }),
    audit,
    repeatedCalls: createRepeatedCalls({ audit, clock, logger: createLogger('silent') }),
    watchSending: () => () => true,
    idempotency: createIdempotency({
      store: createIdempotencyStore(db),
      vault,
      secret: Buffer.alloc(32),
      clock,
    }),
    rateLimits: { global: 100_000, auth: 100_000, exec: 100_000, ...options.rateLimits },
    personOfCookie: signIn.personOfCookie,
    tickets: createTickets({ clock }),
    openStreams: createOpenStreams({ streamsPerUser: 20, terminalsPerUser: 10, streams: 1_000 }),
    clock,
    appDomain: options.appDomain ?? null,
    controlUiFormTarget: () => 'http://control.test',
    trustProxy: options.trustProxy ?? 0,
    tls: null,
    allowInsecureHttp: false,
    version: '0.0.0-test',
    logger: createLogger('silent'),
    webRoot: null,
  }).catch(async (error: unknown) => {
    await database.close();
    throw error;
  });
  let launches = 0;
  return {
    app,
    audit,
    linkCodeFor: (userId) => linkCodeFor(userId, database, clock),
    async authorization(userId) {
      launches += 1;
      const initData = forgeInitData(
        { id: userId, first_name: `Launch ${launches}` },
        BOT_TOKEN,
        clock.now(),
      );
      const { token } = await signIn.byTelegram({ initData }, { ip: '127.0.0.1', userAgent: null });
      return `Bearer ${token}`;
    },
    async addServer(id, userId, role) {
      await createServerStore(db).insert(serverRow(id, { port: 1, createdBy: String(userId) }));
      await db.updateTable('grants').set({ role }).where('serverId', '=', id).execute();
    },
    revokeGrants: async (serverId) =>
      void (await db.deleteFrom('grants').where('serverId', '=', serverId).execute()),
    async close() {
      await app.close();
      await database.close();
    },
  };
}

function standIn(key: EndpointKey): Route {
  const handler = () => {
    throw new AppError('not_found', 'Nothing stands here in this test.');
  };
  return { key, endpoint: contract[key], policy: signedIn, handler };
}
