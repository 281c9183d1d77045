// Records in the config history which changes Buoy made by calls that make OpenClaw write: an agent, a skill, a key.
import type { z } from 'zod';
import { isAppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { withTimeout } from '../../lib/with-timeout.ts';
import { deadlineError } from '../gateway/call-limit.ts';
import { APPLY_MS } from '../gateway/deadlines.ts';
import type { Gateways } from '../gateway/gateways.ts';
import type { ConfigApplied } from './config-applied.ts';
import type { ConfigHistory } from './history.ts';
import { readConfig } from './read-config.ts';
import type { ServerLocks } from './server-locks.ts';

/** Milliseconds of one read of the config: it takes 1 ms of the gateway. */
const LOOK_MS = 3_000;

/** Calls after which the config file is another one (2026.7.35 and 2026.9.6). `config.patch` is the writer's. */
const writing: ReadonlySet<string> = new Set([
  'agents.create',
  'agents.update',
  'agents.delete',
  'skills.update',
  'skills.install',
  'channels.logout',
  'models.authSetApiKey',
  'models.authLogout',
  'plugins.setEnabled',
]);

/** The same gateways; after such a call the lock is held until the config is applied and its revision stored. No caller waits. */
export function withOwnChanges({
  gateways,
  configApplied,
  history,
  turns,
  clock,
  logger,
}: {
  gateways: Gateways;
  configApplied: ConfigApplied;
  history: ConfigHistory;
  turns: ServerLocks;
  clock: Clock;
  logger: Logger;
}): Gateways {
  const record = async (serverId: string, occasion: Parameters<ConfigHistory['record']>[2]) => {
    const reading = await readConfig((method, params, schema) =>
      gateways.call(serverId, method, params, schema, { deadlineMs: LOOK_MS }),
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

  return {
    ...gateways,
    call(serverId, method, params, schema, options) {
      if (!writing.has(method)) return gateways.call(serverId, method, params, schema, options);
      const { deadlineMs, signal } = options;
      const endsAt = clock.now() + deadlineMs;
      const answer = new Promise<z.output<typeof schema>>((resolve, reject) => {
        const turn = turns.take(serverId, async () => {
          // The caller has left before the call began.
          if (signal?.aborted || clock.now() >= endsAt) throw deadlineError(deadlineMs);
          await quietly(
            serverId,
            record(serverId, () => ({ origin: 'outside', by: null, note: null })),
          );
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
        });
        turn.catch(reject);
      });
      return withTimeout(answer, { deadlineMs, signal }, clock, deadlineError);
    },
  };
}
