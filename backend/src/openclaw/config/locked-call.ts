// Calls that make OpenClaw write its config by itself (an agent, a skill, a key): under the config lock, and recorded in its history.
import type { z } from 'zod';
import { isAppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { withTimeout } from '../../lib/with-timeout.ts';
import { deadlineError } from '../gateway/call-limit.ts';
import { APPLY_MS } from '../gateway/deadlines.ts';
import type { Gateways, RpcOptions } from '../gateway/gateways.ts';
import type { ConfigApplied } from './config-applied.ts';
import type { ConfigHistory } from './history.ts';
import { readConfig } from './read-config.ts';
import type { ServerLocks } from './server-locks.ts';
import type { ChangeOptions } from './writer.ts';

/** Milliseconds of one read of the config: it takes 1 ms of the gateway. */
const READ_MS = 3_000;

/**
 * `Gateways.call` for a method after which the config file is another one. `config.patch` is the writer's alone.
 * @param options.mayWrite asked right before the call is sent, after any wait; it throws when nothing may be changed any more
 */
export type CallWithConfigLock = <S extends z.ZodType>(
  serverId: string,
  method: string,
  params: Record<string, unknown>,
  schema: S,
  options: RpcOptions & Pick<ChangeOptions, 'mayWrite'>,
) => Promise<z.output<S>>;

/** The lock is held until the config is applied and its revision stored; no caller waits for that. */
export function createCallWithConfigLock({
  gateways,
  configApplied,
  history,
  locks,
  clock,
  logger,
}: {
  gateways: Gateways;
  configApplied: ConfigApplied;
  history: ConfigHistory;
  locks: ServerLocks;
  clock: Clock;
  logger: Logger;
}): CallWithConfigLock {
  const record = async (serverId: string, occasion: Parameters<ConfigHistory['record']>[2]) => {
    const reading = await readConfig((method, params, schema) =>
      gateways.call(serverId, method, params, schema, { deadlineMs: READ_MS }),
    );
    await history.record(serverId, reading, occasion);
  };
  const quietly = async (serverId: string, work: Promise<unknown>): Promise<void> => {
    try {
      await work;
    } catch (error) {
      logger.debug({ serverId, err: error }, 'could not read the config for its history');
    }
  };

  return async (serverId, method, params, schema, { mayWrite, ...options }) => {
    const { deadlineMs, signal } = options;
    /** Aborts when the caller gets no answer any more. */
    const leaving = new AbortController();
    const endsAt = clock.now() + deadlineMs;
    const answer = new Promise<z.output<typeof schema>>((resolve, reject) => {
      const work = async () => {
        // The caller has left before the call began.
        if (signal?.aborted || clock.now() >= endsAt) throw deadlineError(deadlineMs);
        await quietly(
          serverId,
          record(serverId, () => ({ origin: 'outside', by: null, note: null })),
        );
        await mayWrite?.();
        resolve(
          await gateways.call(serverId, method, params, schema, {
            ...options,
            deadlineMs: endsAt - clock.now(),
          }),
        );
        await configApplied(serverId, { deadlineMs: APPLY_MS }).catch((error: unknown) => {
          if (!isAppError(error)) throw error;
        });
        await quietly(
          serverId,
          record(serverId, () => ({ origin: 'buoy', by: options.by ?? null, note: method })),
        );
      };
      locks.run(serverId, work, leaving.signal).catch(reject);
    });
    try {
      return await withTimeout(answer, { deadlineMs, signal }, clock, deadlineError);
    } catch (error) {
      leaving.abort(error);
      throw error;
    }
  };
}
