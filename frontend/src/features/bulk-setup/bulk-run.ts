// Adds several servers and starts the setup of each, a few at a time. It belongs to no page: it continues while the person is elsewhere.
import type { Server, Task } from '@buoy/contract';
import { atOnce } from '@buoy/contract/at-once';
import { ApiError } from '@buoy/contract/client';
import { taskTypes } from '@buoy/contract/constants';
import type { Api } from '../../api.ts';
import { randomKey } from '../../random-key.ts';
import type { Key } from '../servers/fingerprint.tsx';
import {
  changeOf,
  draftOf,
  newServerOf,
  type ServerDraft,
  sendsToUnknownKey,
} from '../servers/server-draft.ts';
import { isOwn } from '../servers/server-owner.ts';
import { type SetupDraft, setupOf } from '../setup/setup-draft.ts';
import { startOrJoin } from '../tasks/start-or-join.ts';
import { type BulkFailure, failureOf, failureOfTest } from './bulk-failure.ts';
import { type BulkTarget, isAt, isUnmoved, type TargetPlace } from './bulk-targets.ts';

/** What one form says for all servers: how to log in, tags, jump server, and the answers before a setup. */
export type BulkAnswers = { login: ServerDraft; setup: SetupDraft };

/**
 * `listed`: in Buoy, and not part of this run; `started`: Buoy has its setup as a task; `present`: OpenClaw was there already, and nothing was
 * changed; `stopped`: the person signed out first.
 */
export type BulkStage =
  | 'listed'
  | 'waiting'
  | 'adding'
  | 'testing'
  | 'starting'
  | 'started'
  | 'present'
  | 'failed'
  | 'stopped';

export type BulkRow = BulkTarget & {
  stage: BulkStage;
  /** Its last setup, as Buoy accepted it. */
  task: Task | null;
  /** Of the last try, in the stage `failed` and before another try has come as far. */
  failure: BulkFailure | null;
};

export type BulkRun = {
  /** In the order in which they were started; another array after each change. */
  rows(): readonly BulkRow[];
  subscribe(onChange: () => void): () => void;
  /**
   * Resolves when Buoy has accepted or refused each server, and keeps nothing of the answers then. A server that is tried again keeps its place.
   * Does nothing while an earlier start is under way.
   */
  start(wanted: readonly BulkRow[], answers: BulkAnswers): Promise<void>;
  /** Begins nothing more. Setups that Buoy has accepted continue. */
  stop(): void;
};

/** Servers that are added or tested at the same time. */
export const MAX_AT_ONCE = 4;
/** Of a call that was not answered; its key keeps it from being done twice. */
const MAX_ATTEMPTS = 3;
const RETRY_MS = 2_000;
/** The largest page that the API gives. */
const PAGE_SIZE = 200;

const busyStages: readonly BulkStage[] = ['waiting', 'adding', 'testing', 'starting'];

export function isBusy(rows: readonly Pick<BulkRow, 'stage'>[]): boolean {
  return rows.some(({ stage }) => busyStages.includes(stage));
}

/** True where another try has to bring the login. */
export function needsLogin({ server, failure }: Pick<BulkRow, 'server' | 'failure'>): boolean {
  return server === null || failure?.isLogin === true;
}

/** A server that was not tried yet. */
export function rowOf(target: BulkTarget): BulkRow {
  return { ...target, stage: 'waiting', task: null, failure: null };
}

/** @param parts.userId of the person whose servers these become */
export function createBulkRun({
  api,
  userId,
  pause,
}: {
  api: Api;
  userId: string;
  pause: (ms: number, signal: AbortSignal) => Promise<void>;
}): BulkRun {
  let rows: readonly BulkRow[] = [];
  const listeners = new Set<() => void>();
  const stopping = new AbortController();
  const { signal } = stopping;

  const become = (next: readonly BulkRow[]): void => {
    rows = next;
    for (const listener of listeners) listener();
  };
  const update = (name: string, change: Partial<Pick<BulkRow, 'stage' | 'task' | 'failure'>>): void =>
    become(rows.map((row) => (row.name === name ? { ...row, ...change } : row)));

  const hasOldLogin = (name: string): boolean =>
    rows.find((row) => row.name === name)?.failure?.isLogin === true;

  /** Sends a call, again where no answer came: under its key it is not done twice. */
  const sent = async <T>(send: (headers: { 'idempotency-key': string }) => Promise<T>): Promise<T> => {
    const headers = { 'idempotency-key': randomKey() };
    for (let tries = 1; ; tries += 1)
      try {
        signal.throwIfAborted();
        return await send(headers);
      } catch (error) {
        const isSilence = error instanceof ApiError && error.status === 0;
        if (!isSilence || tries === MAX_ATTEMPTS) throw error;
        await pause(RETRY_MS, signal);
      }
  };

  /** The person's own server of that name at that place. */
  const findOwn = async (row: TargetPlace): Promise<Server | undefined> => {
    const { servers } = await sent(() =>
      api.call('GET /servers', { query: { q: row.name, limit: PAGE_SIZE }, signal }),
    );
    return servers.find((server) => server.name === row.name && isOwn(server, userId) && isAt(server, row));
  };

  const add = async (place: TargetPlace, hostKey: Key, { login }: BulkAnswers): Promise<Server> => {
    const { name, host, port, username, jumpServerId } = place;
    const where = { name, host, port: String(port), username, jumpServerId: jumpServerId ?? '' };
    const draft = { ...login, ...where };
    const body = newServerOf(draft, { kind: 'key', ...hostKey });
    try {
      return (await sent((headers) => api.call('POST /servers', { body, headers, signal }))).server;
    } catch (error) {
      // An earlier try whose answer was lost, or the same list in another tab. It keeps the login that it has.
      const isThere = error instanceof ApiError && error.code === 'duplicate';
      const own = isThere ? await findOwn(place) : undefined;
      if (own === undefined) throw error;
      if (own.hostKey?.fingerprint !== hostKey.fingerprint) throw new ApiError(409, otherKey);
      return own;
    }
  };

  /** Returns the server as it is in Buoy now: added, or with the login that was given for another try. */
  const recordOf = async (row: BulkRow, answers: BulkAnswers): Promise<Server> => {
    update(row.name, { stage: 'adding' });
    if (row.server === null) return add(row, row.hostKey, answers);
    const { id } = row.server;
    const { server } = await sent(() => api.call('GET /servers/:id', { params: { id }, signal }));
    if (!isUnmoved(row.server, server)) throw new ApiError(409, moved);
    return row.failure?.isLogin === true ? withLogin(server, answers) : server;
  };

  const withLogin = async (server: Server, { login }: BulkAnswers): Promise<Server> => {
    const { way, password, privateKey, passphrase } = login;
    const draft = { ...draftOf(server), way, password, privateKey, passphrase };
    if (sendsToUnknownKey(server, draft)) throw new ApiError(409, noKey);
    const answer = await api.call('PUT /servers/:id', {
      params: { id: server.id },
      body: changeOf(server, draft),
      headers: { 'if-match': `"${server.version}"` },
      signal,
    });
    return answer.server;
  };

  const setUp = async (row: BulkRow, answers: BulkAnswers): Promise<void> => {
    const { name } = row;
    const server = await recordOf(row, answers);
    const { id } = server;
    become(rows.map((one) => (one.name === name ? { ...one, server, hostKey: null } : one)));
    update(name, { stage: 'testing', failure: null });
    // A setup would wait for a server that is away; a test says at once what is wrong with address, login or key.
    const test = await sent(() => api.call('POST /servers/:id/test', { params: { id }, signal }));
    if (!test.ok) return update(name, { stage: 'failed', failure: failureOfTest(test.failure) });
    // An earlier setup of this run may have failed after it had installed OpenClaw; anything else was there before.
    if (test.openclaw.installed && row.task === null) return update(name, { stage: 'present' });
    update(name, { stage: 'starting' });
    const { task } = await startOrJoin(api, taskTypes.setup, () =>
      sent((headers) =>
        api.call('POST /servers/:id/setup/run', {
          params: { id },
          body: setupOf(answers.setup, { sudo: true, via: false }),
          headers,
          signal,
        }),
      ),
    );
    update(name, { stage: 'started', task });
  };

  return {
    rows: () => rows,
    subscribe(onChange) {
      listeners.add(onChange);
      return () => listeners.delete(onChange);
    },
    async start(wanted, answers) {
      if (isBusy(rows) || signal.aborted) return;
      const begun = wanted.map((row): BulkRow => ({ ...row, stage: 'waiting' }));
      const byName = new Map(begun.map((row) => [row.name, row]));
      const known = new Set(rows.map(({ name }) => name));
      become([
        ...rows.map((row) => byName.get(row.name) ?? row),
        ...begun.filter(({ name }) => !known.has(name)),
      ]);
      await atOnce(begun, MAX_AT_ONCE, async (row) => {
        try {
          signal.throwIfAborted();
          await setUp(row, answers);
        } catch (error) {
          if (signal.aborted) return update(row.name, { stage: 'stopped' });
          const failure = failureOf(error);
          // Buoy has not got the other login that an earlier try has asked for.
          const isLogin = failure.isLogin || hasOldLogin(row.name);
          update(row.name, { stage: 'failed', failure: { ...failure, isLogin } });
        }
      });
    },
    stop: () => stopping.abort(),
  };
}

const moved = {
  error: 'Someone else changed its address, login or host key meanwhile; nothing was sent there.',
  hint: 'Open the server, check where it leads, and set it up from there.',
  code: 'stale_version',
} as const;

const otherKey = {
  error:
    'You have a server of this name at this address, but Buoy does not know it by the host key that you trusted; nothing was sent there.',
  hint: 'Open that server, test its connection, compare its host key, and set it up from there.',
  code: 'host_key_mismatch',
} as const;

const noKey = {
  error: 'Buoy does not know the host key of this server yet, so the login was not sent there.',
  hint: 'Open the server, compare the host key that it shows, and enter the login there.',
  code: 'conflict',
} as const;
