// One person who works with Buoy until it is killed, and then knows what had been acknowledged.
import {
  type Act,
  cancelTask,
  changeRole,
  createServer,
  createToken,
  deleteServer,
  grantAccess,
  moveQuietHours,
  renameServer,
  restartGateway,
  revokeAccess,
  revokeToken,
  signInByTelegram,
  signOut,
} from './killed-acts.ts';
import type { SeededRandom } from './seeded-random.ts';

/** `status` null: Buoy died before it answered. */
export type SentRequest = { requestId: string; client: string; act: Act; status: number | null };

export type KilledClient = {
  /** Sends one act after the other until a call gets no answer. */
  workUntilDeath(url: string): Promise<void>;
  /** Before the work; throws when the sign-in is refused. */
  signIn(url: string): Promise<void>;
  token(): string;
};

/** The number of records of one kind from which a client removes one rather than makes another. */
const MAX_RECORDS = 6;

/**
 * @param options.sentRequests records each request before it is sent
 * @param options.onAnswer called after each answer
 */
export function createKilledClient(options: {
  userId: string;
  random: SeededRandom;
  sentRequests: SentRequest[];
  onAnswer: () => void;
}): KilledClient {
  const { userId, random, sentRequests, onAnswer } = options;
  let count = 0;
  let token = '';
  /** Got no answer, and may safely be sent again. */
  let unanswered: Act | null = null;
  // Acknowledged, and no deletion requested: later acts can rely on them.
  const servers: string[] = [];
  const grants: Array<{ server: string; user: string; role: 'admin' | 'viewer' }> = [];
  const tokens: Array<[id: string, name: string]> = [];
  const tasks: Array<[server: string, task: string]> = [];
  const sessions: string[] = [];

  const fresh = (): string => {
    count += 1;
    return `${userId}-${count}`;
  };

  const send = async (url: string, act: Act): Promise<unknown> => {
    const request: SentRequest = { requestId: `request-${fresh()}`, client: userId, act, status: null };
    sentRequests.push(request);
    const response = await fetch(`${url}/api${act.path}`, {
      method: act.key.slice(0, act.key.indexOf(' ')),
      headers: {
        'x-request-id': request.requestId,
        ...(act.idempotencyKey === undefined ? {} : { 'idempotency-key': act.idempotencyKey }),
        ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
        ...(act.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: act.body === undefined ? null : JSON.stringify(act.body),
    });
    const text = await response.text();
    request.status = response.status;
    onAnswer();
    return response.ok && text !== '' ? JSON.parse(text) : null;
  };

  const take = <T>(list: T[]): T | undefined => list.splice(random.below(list.length), 1)[0];
  const role = () => random.oneOf(['admin', 'viewer'] as const)!;
  const minute = () => String(random.below(60)).padStart(2, '0');

  /** One of the acts that make sense for the present records; each remembers what it made once it is acknowledged. */
  const moves: Array<(url: string) => Promise<unknown> | null> = [
    async (url) => {
      if (servers.length >= MAX_RECORDS) return send(url, deleteServer(forget(take(servers)!)));
      const made = (await send(url, createServer(userId, fresh()))) as { server: { id: string } } | null;
      if (made !== null) servers.push(made.server.id);
    },
    (url) => on(random.oneOf(servers), (id) => send(url, renameServer(id, fresh()))),
    (url) =>
      on(random.oneOf(servers), async (id) => {
        const person = `${userId}0${fresh().split('-')[1]}`;
        const given = role();
        if ((await send(url, grantAccess(id, person, given))) !== null)
          grants.push({ server: id, user: person, role: given });
      }),
    // To another one each time: what changes nothing has no entry of its own.
    (url) =>
      on(random.oneOf(grants), (grant) => {
        grant.role = grant.role === 'admin' ? 'viewer' : 'admin';
        return send(url, changeRole(grant.server, grant.user, grant.role));
      }),
    (url) => on(take(grants), ({ server, user }) => send(url, revokeAccess(server, user))),
    async (url) => {
      if (tokens.length >= MAX_RECORDS) return send(url, revokeToken(...take(tokens)!));
      const name = fresh();
      const made = (await send(url, createToken(name))) as { token: { id: string } } | null;
      if (made !== null) tokens.push([made.token.id, name]);
    },
    (url) => send(url, moveQuietHours(userId, `${String(random.below(24)).padStart(2, '0')}:${minute()}`)),
    (url) =>
      on(random.oneOf(servers), async (id) => {
        const made = (await send(url, restartGateway(id))) as { task: { id: string } } | null;
        if (made !== null) tasks.push([id, made.task.id]);
      }),
    (url) => on(take(tasks), ([, id]) => send(url, cancelTask(id))),
    async (url) => {
      const made = (await send(url, signInByTelegram(userId, fresh()))) as { token: string } | null;
      if (made !== null) sessions.push(sessionIn(made.token));
    },
    (url) => on(take(sessions), (id) => send(url, signOut(id))),
  ];

  /** Forgets the records of a deleted server. */
  const forget = (serverId: string): string => {
    grants.splice(0, grants.length, ...grants.filter(({ server }) => server !== serverId));
    tasks.splice(0, tasks.length, ...tasks.filter(([server]) => server !== serverId));
    return serverId;
  };

  return {
    token: () => token,

    async signIn(url) {
      const made = (await send(url, signInByTelegram(userId, fresh()))) as { token: string } | null;
      if (made === null) throw new Error(`${userId} could not sign in.`);
      token = made.token;
    },

    async workUntilDeath(url) {
      try {
        if (unanswered !== null) await send(url, unanswered);
        for (;;) await random.oneOf(moves)!(url);
      } catch (error) {
        // fetch throws this when the other side is gone, in the middle of an answer or before.
        if (!(error instanceof TypeError)) throw error;
        const { act } = sentRequests.findLast(({ client }) => client === userId)!;
        unanswered = act.idempotencyKey === undefined ? null : act;
      }
    },
  };
}

/** Acts on `thing`, or does nothing when there is none. */
function on<T>(thing: T | undefined, act: (thing: T) => Promise<unknown>): Promise<unknown> | null {
  return thing === undefined ? null : act(thing);
}

/** The session of a token of Buoy. */
function sessionIn(token: string): string {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).sid;
}
