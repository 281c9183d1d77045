// Decides whether a server may be connected to now: back-off after a failure, an open circuit after several, and a
// long pause after a refused login, so that fail2ban locks nobody out.
import { type AppError, isAppError } from '../lib/app-error.ts';
import type { Clock } from '../lib/clock.ts';
import { failure, kindOf } from './failures.ts';
import type { SshLimits } from './limits.ts';

export type Verdict =
  | { go: 'now' }
  /** A short pause: the call waits instead of failing. */
  | { go: 'wait'; ms: number }
  | { go: 'refuse'; error: AppError };

export type Breaker = {
  /** Asks to connect. `now` from an open circuit is the one trial: everyone else is refused until its outcome. */
  admit(): Verdict;
  /** The error that a call would get now, without asking to connect. */
  refusal(): AppError | null;
  /** True while the one trial of an open circuit runs. */
  onTrial(): boolean;
  succeeded(): void;
  failed(error: AppError): void;
  /** The attempt ended without information about this server, e.g. its jump host failed. */
  undecided(): void;
  reset(): void;
  state(): 'idle' | 'backing_off' | 'circuit_open';
};

/**
 * A restored network is noticed within `openMaxMs` (10 s) at the latest, and within about 2 s as long as fewer than
 * `failuresToOpen` attempts failed: calls then wait for the pause instead of failing.
 */
export function createBreaker({
  clock,
  limits,
  random,
}: {
  clock: Clock;
  limits: Pick<SshLimits, 'failuresToOpen' | 'backOffMs' | 'openMs' | 'openMaxMs' | 'loginPauseMs'>;
  /** 0 to 1, for the jitter. */
  random: () => number;
}): Breaker {
  let failures = 0;
  let retryAt = 0;
  let trial = false;
  let last: AppError | null = null;
  /** A refused login or host key: shown again as it is until `retryAt`. */
  let locked = false;

  const isOpen = () => failures >= limits.failuresToOpen;

  function circuitOpen(): AppError {
    const waitMs = Math.max(0, retryAt - clock.now());
    return failure(
      last === null ? 'other' : kindOf(last),
      'circuit_open',
      `The server could not be reached ${failures} times in a row.`,
      {
        hint: trial
          ? 'Buoy is trying again right now; repeat the call in a moment.'
          : `Buoy tries again in ${Math.ceil(waitMs / 1000)} s. Last failure: ${last?.message ?? 'unknown'}`,
        details: { retryInMs: trial ? 0 : waitMs, failures },
        cause: last ?? undefined,
      },
    );
  }

  function refusal(): AppError | null {
    const due = clock.now() >= retryAt;
    if (locked) return due ? null : last;
    return isOpen() && (!due || trial) ? circuitOpen() : null;
  }

  return {
    refusal,
    onTrial: () => trial,
    admit() {
      const error = refusal();
      if (error !== null) return { go: 'refuse', error };
      const ms = retryAt - clock.now();
      if (ms > 0) return { go: 'wait', ms };
      trial = isOpen();
      return { go: 'now' };
    },
    succeeded() {
      failures = 0;
      retryAt = 0;
      trial = false;
      locked = false;
      last = null;
    },
    failed(error) {
      last = error;
      trial = false;
      locked = isAppError(error, 'ssh_auth', 'host_key_changed') && kindOf(error) !== 'jump';
      if (locked) {
        retryAt = clock.now() + limits.loginPauseMs;
        return;
      }
      failures += 1;
      const over = failures - limits.failuresToOpen;
      const pause =
        over < 0
          ? limits.backOffMs * 2 ** (failures - 1)
          : Math.min(limits.openMaxMs, limits.openMs * 2 ** Math.min(over, 20));
      // Half fixed, half random: servers that went down together do not reconnect at the same moment.
      retryAt = clock.now() + pause * (0.5 + random() / 2);
    },
    undecided() {
      trial = false;
    },
    reset() {
      this.succeeded();
    },
    state() {
      if (locked && clock.now() < retryAt) return 'backing_off';
      if (isOpen()) return 'circuit_open';
      return failures > 0 ? 'backing_off' : 'idle';
    },
  };
}
