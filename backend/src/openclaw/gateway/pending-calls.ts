// Requests that wait for their answer on one connection, each with its own deadline and cancel signal.
import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import { withTimeout } from '../../lib/with-timeout.ts';
import { type CallLimit, deadlineError } from './call-limit.ts';
import { connectRefused, misunderstood, rpcFailure } from './failures.ts';
import type { ResponseFrame } from './frames.ts';

export type PendingCalls = {
  /** Sends a request and answers its payload. Rejects with AppError. */
  request(method: string, params: Record<string, unknown>, limit: CallLimit): Promise<unknown>;
  /** Settles a call with its answer; an answer without a waiting call is dropped. */
  settle(frame: ResponseFrame): void;
  /** The answer came but is not one of the protocol. */
  spoil(id: string): void;
  /** The request of the call with this id; null when no call waits for it. */
  methodOf(id: string): string | null;
  fail(id: string, error: AppError): void;
  /** The connection has ended: rejects all pending and later calls. */
  end(error: AppError): void;
};

/**
 * @param send puts one frame on the wire
 * @param version the gateway's own, once it is known
 */
export function createPendingCalls({
  send,
  version,
  clock,
}: {
  send(text: string): void;
  version(): string | null;
  clock: Clock;
}): PendingCalls {
  const waiting = new Map<
    string,
    { method: string; resolve(payload: unknown): void; reject(error: AppError): void }
  >();
  let lastId = 0;
  let ended: AppError | null = null;

  return {
    async request(method, params, limit) {
      if (ended !== null) throw ended;
      if (limit.signal?.aborted) throw new AppError('cancelled', 'The call was cancelled.');
      lastId += 1;
      const id = String(lastId);
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      waiting.set(id, { method, resolve, reject });
      try {
        send(JSON.stringify({ type: 'req', id, method, params }));
        return await withTimeout(promise, limit, clock, deadlineError);
      } finally {
        waiting.delete(id);
      }
    },

    settle(frame) {
      const call = waiting.get(frame.id);
      if (call === undefined) return;
      if (frame.ok) call.resolve(frame.payload);
      else if (call.method === 'connect') call.reject(connectRefused(frame.error));
      else call.reject(rpcFailure(call.method, frame.error, version()));
    },

    spoil(id) {
      const call = waiting.get(id);
      call?.reject(misunderstood(call.method, null));
    },

    methodOf: (id) => waiting.get(id)?.method ?? null,
    fail: (id, error) => waiting.get(id)?.reject(error),

    end(error) {
      ended = error;
      for (const call of waiting.values()) call.reject(error);
    },
  };
}
