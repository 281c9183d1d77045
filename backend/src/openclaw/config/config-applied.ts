// Waits until a gateway has applied the config written last: changes take effect some time after they are answered.
import { z } from 'zod';
import { AppError, isAppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import { pause } from '../../lib/pause.ts';
import type { CallOptions } from '../../ssh/ssh.ts';
import type { Gateways } from '../gateway/gateways.ts';

/** Milliseconds between two checks; each takes 1 ms of the gateway. */
const CHECK_INTERVAL_MS = 100;
/** Milliseconds of one check: it may meet a restart, and is repeated. */
const CHECK_MS = 5_000;

/** Both equal: applied (config.get of 2026.9.6). 2026.7.35 has neither. */
const revisions = z.looseObject({
  configRevisionHash: z.string().nullish(),
  appliedConfigHash: z.string().nullish(),
});

/** For callers without a signal of their own. */
const never = new AbortController().signal;

export type ConfigApplied = (serverId: string, options: CallOptions) => Promise<void>;

/**
 * Resolves when the gateway has applied its config, or immediately where the version does not report it.
 * Throws `deadline` when it has not in time; the written config stays.
 */
export function createConfigApplied({
  gateways,
  clock,
}: {
  gateways: Pick<Gateways, 'call'>;
  clock: Clock;
}): ConfigApplied {
  return async (serverId, { deadlineMs, signal }) => {
    const endsAt = clock.now() + deadlineMs;
    for (;;) {
      const leftMs = endsAt - clock.now();
      if (leftMs <= 0) throw notApplied();
      const answer = await gateways
        .call(serverId, 'config.get', {}, revisions, {
          deadlineMs: Math.min(CHECK_MS, leftMs),
          signal,
          retry: true,
        })
        .catch((error: unknown) => {
          // Some changes restart the gateway.
          if (isAppError(error, 'gateway_unavailable', 'deadline')) return null;
          throw error;
        });
      const { configRevisionHash: written, appliedConfigHash: applied } = answer ?? {};
      if (answer !== null && (written == null || applied == null || written === applied)) return;
      await pause(clock, CHECK_INTERVAL_MS, signal ?? never);
    }
  };
}

function notApplied(): AppError {
  return new AppError('deadline', 'The change is written, but the gateway has not applied it yet.', {
    hint: 'Check again in a moment; if it stays like this, check the gateway logs.',
  });
}
