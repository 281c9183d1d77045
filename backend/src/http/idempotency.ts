// Idempotency keys: the same key, user and request within a day give the first answer again, not a second effect.
import { createHmac } from 'node:crypto';
import { setImmediate as othersTurn } from 'node:timers/promises';
import { z } from 'zod';
import { AppError, isAppError } from '../lib/app-error.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import type { AssociatedData, Vault } from '../vault/vault.ts';
import type { IdempotencyStore } from './idempotency.store.ts';
import { problemOf, toAppError } from './problem.ts';

export type Answer = { status: number; body?: unknown };

const DAY_MS = 86_400_000;
/** Keys that one person may use in a day: far more than people and scripts decide, and few enough to fill no disk. */
const MAX_KEYS_PER_PERSON = 2_000;
/** Keys in a minute beyond those: who has used up the others for a person, and is signed out, must not keep them waiting for a day. */
const KEYS_A_MINUTE_BEYOND = 5;
const MINUTE_MS = 60_000;
/** An answer that is kept, as JSON; only a command with much output answers more. */
const MAX_ANSWER_BYTES = 256 * 1024;
/** All kept answers of one person, sealed; the oldest are dropped, as they are the least likely to be asked for again. */
const MAX_BYTES_PER_PERSON = 16 * 1024 * 1024;
/** Refusals that may pass: a call waited or was broken off, or its caller had no right to it at that moment. */
const PASSING = [
  ...(['rate_limited', 'authorization_pending', 'cancelled'] as const),
  ...(['session_revoked', 'forbidden'] as const),
];
const accepted = /^[\x21-\x7e]{1,255}$/;
const storedAnswer = z.object({ status: z.number(), body: z.unknown().optional() });
/** An answer that signs somebody in. */
const signInAnswer = z.object({ body: z.object({ user: z.object({ id: z.string() }) }) });

export function answerData(userId: string, key: string): AssociatedData {
  return { table: 'idempotency_keys', column: 'response', row: `${userId}:${key}` };
}

export type Idempotency = {
  /**
   * Runs `act` unless an answer to the same request is there.
   * @param request what must be the same: user, method with path, parsed body; `isNeverRefused`: beyond the limit it runs, and its answer is not kept
   * @throws AppError 409 when the key was used for another request, or its first request did not come to an end
   */
  once(
    request: {
      key: string;
      userId: string;
      route: string;
      body: unknown;
      requestId: string;
      isNeverRefused?: boolean;
    },
    act: () => Promise<Answer>,
  ): Promise<Answer>;
};

/** @param parts.secret signs what a request is compared by: a plain hash of a body with a password would let a thief of the database try passwords */
export function createIdempotency({
  store,
  vault,
  secret,
  clock,
}: {
  store: IdempotencyStore;
  vault: Vault;
  secret: Buffer;
  clock: Clock;
}): Idempotency {
  /** Running requests of this process, so that a parallel repetition waits for the first answer. */
  const underWay = new Map<string, Promise<Answer>>();

  const first = async (
    userId: string,
    key: string,
    requestId: string,
    act: () => Promise<Answer>,
  ): Promise<Answer> => {
    let answer: Answer;
    try {
      answer = await act();
    } catch (error) {
      const appError = toAppError(error);
      // A temporary failure must not be stored for the key.
      if (appError.status >= 500 || isAppError(error, ...PASSING)) {
        await store.release(userId, key);
        throw error;
      }
      answer = { status: appError.status, body: problemOf(appError, requestId) };
    }
    const personId = userId === '' ? signedInBy(answer) : userId;
    // Anybody can have a call answered before sign-in, as often as they like: what signs nobody in would count for nobody.
    if (personId === null) {
      await store.release(userId, key);
      return answer;
    }
    const text = JSON.stringify(answer);
    if (Buffer.byteLength(text) > MAX_ANSWER_BYTES) return answer;
    const response = vault.seal(answerData(userId, key), text);
    await store.complete(userId, key, { status: answer.status, response, personId });
    if (userId === '') await store.forgetSignInsBeyond(personId, MAX_KEYS_PER_PERSON);
    while (await store.dropBeyond(personId, MAX_BYTES_PER_PERSON)) await othersTurn();
    return answer;
  };

  return {
    async once({ key, userId, route, body, requestId, isNeverRefused = false }, act) {
      if (!accepted.test(key))
        throw new AppError('invalid_request', 'An Idempotency-Key is 1 to 255 visible ASCII characters.', {
          details: [{ path: 'Idempotency-Key', message: 'must be 1 to 255 visible ASCII characters' }],
        });
      const requestHash = createHmac('sha256', secret)
        .update(`${route}\n${JSON.stringify(body ?? null)}`)
        .digest('hex');
      const now = clock.now();
      const since = isoTime(now - DAY_MS);
      await store.forgetBefore(since);

      // Before sign-in all callers share one name: a limit there would let one of them block the others.
      if (
        userId !== '' &&
        (await store.count(userId, since)) >= MAX_KEYS_PER_PERSON &&
        (await store.count(userId, isoTime(now - MINUTE_MS))) >= KEYS_A_MINUTE_BEYOND &&
        !(await store.find(userId, key))
      ) {
        if (isNeverRefused) return act();
        throw new AppError(
          'rate_limited',
          `You have used ${MAX_KEYS_PER_PERSON} idempotency keys within 24 hours; beyond that, ${KEYS_A_MINUTE_BEYOND} a minute are accepted.`,
          {
            hint: 'Wait a minute, then try again, or send the request without an Idempotency-Key.',
            details: { limit: MAX_KEYS_PER_PERSON, retryAfterS: MINUTE_MS / 1_000 },
          },
        );
      }
      const slot = `${userId}\n${key}`;
      if (await store.claim({ userId, key, requestHash, createdAt: isoTime(now) }, since)) {
        const running = first(userId, key, requestId, act);
        underWay.set(slot, running);
        try {
          return await running;
        } finally {
          underWay.delete(slot);
        }
      }

      const earlier = await store.find(userId, key);
      if (earlier !== undefined && earlier.requestHash !== requestHash)
        throw new AppError('idempotency_key_reused', 'This Idempotency-Key was used for another request.', {
          hint: 'Make a new key for each new request.',
        });
      const running = underWay.get(slot);
      if (running !== undefined) return running;
      const settled = await store.find(userId, key);
      if (settled?.response == null)
        throw new AppError(
          'idempotency_key_in_use',
          'The first request with this Idempotency-Key has no answer yet, or one that was not kept.',
          {
            hint: 'Check whether it took effect, then try again with a new key.',
          },
        );
      return storedAnswer.parse(JSON.parse(vault.open(answerData(userId, key), settled.response)));
    },
  };
}

/** Who was signed in by this answer; null: nobody. */
function signedInBy(answer: Answer): string | null {
  return signInAnswer.safeParse(answer).data?.body.user.id ?? null;
}
