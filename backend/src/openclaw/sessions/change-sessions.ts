// Changes sessions: sends messages, stops, resets, compacts, renames and deletes them.
import { randomUUID } from 'node:crypto';
import type { OpenclawSession, SessionChange } from '@buoy/contract';
import { z } from 'zod';
import { AppError, isAppError } from '../../lib/app-error.ts';
import { CHANGE_MS } from '../gateway/deadlines.ts';
import type { Gateways } from '../gateway/gateways.ts';
import { explained, type Meaning, refusalIn } from '../gateway/refusals.ts';
import { figure, firstOf, nameText } from '../reads/bounded.ts';
import { describeAnswer, noSuchSession } from './read-sessions.ts';
import { presentSession, type SessionRow } from './session-row.ts';

/** Milliseconds of a summary: a call of the model over the whole conversation. */
const COMPACT_MS = 120_000;
/** Milliseconds of what stops a run first: the gateway waits up to 15 s for its end. */
const STOPPING_MS = 30_000;
/** A turn that is just ending writes to its session for some moments. */
const MAX_DELETE_ATTEMPTS = 4;

const runStarted = z.looseObject({ runId: z.string(), status: z.string().catch('') });
const chatAborted = z.looseObject({
  aborted: z.boolean().catch(false),
  runIds: firstOf(nameText, 100).catch([]),
});
const sessionAborted = z.looseObject({ abortedRunId: z.string().nullish().catch(null) });
const deletion = z.looseObject({ deleted: z.boolean().catch(false) });
const compactionAnswer = z.looseObject({
  compacted: z.boolean().catch(false),
  reason: z.string().nullish().catch(null),
  result: z.looseObject({ tokensBefore: figure }).nullish().catch(null),
});

/** Error details when the gateway is unavailable. */
const unavailable = z.looseObject({ openclaw: z.looseObject({ message: z.string() }) });

type Options = { signal: AbortSignal };

function stillAtWork(): AppError {
  return new AppError('conflict', 'The agent is still working in this session.', {
    hint: 'Stop it first, and try again in a moment.',
  });
}

/** A timed-out message must not be sent twice. */
function perhapsSaid(cause: AppError): AppError {
  return new AppError('deadline', cause.message, {
    hint: 'The message may have arrived anyway: check the session before you send it again.',
    details: cause.details,
    cause,
  });
}

/** OpenClaw timed out waiting for the end of a run, and reports that as UNAVAILABLE. */
function isStillAtWork(error: unknown): boolean {
  if (!isAppError(error, 'gateway_unavailable')) return false;
  return / is still active; try again/.test(
    unavailable.safeParse(error.details).data?.openclaw.message ?? '',
  );
}

const changedMeanwhile = 'session-changed';

/** OpenClaw has no codes for these, only sentences (2026.7.35 and 2026.9.6). */
const meanings: readonly Meaning[] = [
  {
    when: ({ message }) => /^Agent ".*" no longer exists/s.test(message),
    is: () => new AppError('not_found', 'This server has no such agent.'),
  },
  {
    when: ({ message }) => /cannot (delete|archive) the main session/i.test(message),
    is: () =>
      new AppError('conflict', 'The main session of an agent cannot be deleted or archived.', {
        hint: 'Reset it to start over.',
      }),
  },
  {
    when: ({ message }) => /cannot archive a session with an active run/i.test(message),
    is: stillAtWork,
  },
  {
    when: ({ details }) => details.reason === changedMeanwhile,
    is: () =>
      new AppError('conflict', 'The session was changed in the meantime.', {
        hint: 'Try again.',
        details: { reason: changedMeanwhile },
      }),
  },
];

/** Retries work that does not depend on the content of the session: a concurrent change of it must not fail the call. */
async function whateverItHolds<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      const isChange =
        isAppError(error, 'conflict') &&
        z.object({ reason: z.literal(changedMeanwhile) }).safeParse(error.details).success;
      if (!isChange || tries >= MAX_DELETE_ATTEMPTS) throw error;
    }
  }
}

export type SessionChanges = {
  /** The answer comes as events. Creates a missing session; requests the approvals that it needs. */
  send(
    serverId: string,
    key: string,
    text: string,
    options: Options,
  ): Promise<{ id: string; sessionKey: string; status: 'started' | 'queued' }>;
  /** One run, or all of the session. */
  abort(
    serverId: string,
    key: string,
    runId: string | undefined,
    options: Options,
  ): Promise<{ aborted: boolean; runIds: string[] }>;
  reset(serverId: string, key: string, options: Options): Promise<OpenclawSession>;
  compact(
    serverId: string,
    key: string,
    options: Options,
  ): Promise<{
    compaction: { compacted: boolean; reason: string | null; tokensBefore: number | null };
    session: OpenclawSession;
  }>;
  change(serverId: string, key: string, change: SessionChange, options: Options): Promise<OpenclawSession>;
  /** OpenClaw always keeps an archive of the transcript on the server. */
  remove(serverId: string, key: string, options: Options): Promise<void>;
};

/**
 * Every change except sending a message first checks that the session exists: OpenClaw would create a missing one.
 * All throw AppError: `not_found`, or what the gateway refused.
 */
export function createSessionChanges({ gateways }: { gateways: Gateways }): SessionChanges {
  async function call<S extends z.ZodType>(
    serverId: string,
    method: string,
    params: Record<string, unknown>,
    schema: S,
    { signal }: Options,
    deadlineMs = CHANGE_MS,
  ): Promise<z.output<S>> {
    const answer = gateways.call(serverId, method, params, schema, { deadlineMs, signal });
    try {
      return await explained(answer, meanings);
    } catch (error) {
      throw isStillAtWork(error) ? stillAtWork() : error;
    }
  }

  async function describe(serverId: string, key: string, options: Options): Promise<SessionRow> {
    const { session } = await call(serverId, 'sessions.describe', { key }, describeAnswer, options);
    if (session === null) throw noSuchSession();
    return session;
  }

  async function asItIs(serverId: string, key: string, options: Options): Promise<OpenclawSession> {
    return presentSession(await describe(serverId, key, options));
  }

  /** 2026.9.6 archives only the session that the caller has seen; 2026.7.35 does not know how to say which. */
  async function patch(
    serverId: string,
    params: Record<string, unknown>,
    seen: SessionRow,
    options: Options,
  ): Promise<void> {
    const send = (more: Record<string, unknown>) =>
      call(serverId, 'sessions.patch', { ...params, ...more }, z.looseObject({}), options);
    if (params.archived === undefined || seen.sessionId == null) return void (await send({}));
    try {
      await send({ expectedSessionId: seen.sessionId });
    } catch (error) {
      if (!refusalIn(error)?.message.includes("unexpected property 'expectedSessionId'")) throw error;
      await send({});
    }
  }

  return {
    async send(serverId, key, text, options) {
      const { runId, status } = await call(
        serverId,
        'chat.send',
        { sessionKey: key, message: text, idempotencyKey: `buoy-${randomUUID()}` },
        runStarted,
        options,
      ).catch((error: unknown) => {
        throw isAppError(error, 'deadline') ? perhapsSaid(error) : error;
      });
      return {
        id: runId,
        sessionKey: key,
        status: status === 'started' ? 'started' : 'queued',
      };
    },

    async abort(serverId, key, runId, options) {
      await describe(serverId, key, options);
      const which = runId === undefined ? {} : { runId };
      const chat = await call(serverId, 'chat.abort', { sessionKey: key, ...which }, chatAborted, options);
      if (chat.aborted) return { aborted: true, runIds: chat.runIds };
      // Runs that no chat began, as of cron, are known to this call alone.
      const { abortedRunId } = await call(
        serverId,
        'sessions.abort',
        { key, ...which },
        sessionAborted,
        options,
      );
      return { aborted: abortedRunId != null, runIds: abortedRunId == null ? [] : [abortedRunId] };
    },

    async reset(serverId, key, options) {
      await describe(serverId, key, options);
      await call(
        serverId,
        'sessions.reset',
        { key, reason: 'reset' },
        z.looseObject({}),
        options,
        STOPPING_MS,
      );
      return asItIs(serverId, key, options);
    },

    async compact(serverId, key, options) {
      await describe(serverId, key, options);
      const { compacted, reason, result } = await call(
        serverId,
        'sessions.compact',
        { key },
        compactionAnswer,
        options,
        COMPACT_MS,
      );
      const before = result?.tokensBefore;
      return {
        compaction: {
          compacted,
          reason: reason ?? null,
          tokensBefore: before == null ? null : Math.round(before),
        },
        session: await asItIs(serverId, key, options),
      };
    },

    async change(serverId, key, { thinking, ...rest }, options) {
      const seen = await describe(serverId, key, options);
      const params = { key, ...rest, ...(thinking === undefined ? {} : { thinkingLevel: thinking }) };
      await patch(serverId, params, seen, options);
      return asItIs(serverId, key, options);
    },

    async remove(serverId, key, options) {
      await describe(serverId, key, options);
      const { deleted } = await whateverItHolds(() =>
        call(serverId, 'sessions.delete', { key }, deletion, options, STOPPING_MS),
      );
      if (!deleted) throw noSuchSession();
    },
  };
}
