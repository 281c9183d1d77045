// Keeps the limit of refused logins around one attempt to connect, from before the first packet to its outcome.
import { AppError, isAppError } from '../lib/app-error.ts';
import type { Clock } from '../lib/clock.ts';
import { kindOf } from './failures.ts';
import type { LoginAttempt, RefusedLogins } from './refused-logins.ts';
import type { SshTarget } from './ssh.ts';

export type LoginGuard = {
  /** Why a login at this address is not allowed now; null: it is allowed. */
  refusalAt(address: string): AppError | null;
  /** Called with the connected address, unless through a jump server. */
  onDialled(address: string): void;
  /** To be called just before the credential is sent; rejects when it must not be. */
  begin(): Promise<void>;
};

/** Milliseconds in which a server refuses a wrong credential; PAM waits for two seconds before it does. */
const ANSWER_MS = 8_000;

/**
 * Runs `connect`, which must call the guard, and counts what came of its login.
 * @throws AppError `circuit_open` without connecting while too many logins were refused
 */
export async function withLoginGuard<T>(
  refusedLogins: RefusedLogins,
  target: SshTarget,
  signal: AbortSignal,
  clock: Clock,
  connect: (guard: LoginGuard) => Promise<T>,
): Promise<T> {
  const { serverId, host, port, username, credential, jump, enteredBy = '' } = target;
  const hostPort = `${host}:${port}`;
  // A jump server resolves the name itself, so the entered name is used as the address.
  let address = jump === null ? null : `${host.toLowerCase()} behind ${jump.serverId}`;
  const attempts: LoginAttempt[] = [];
  let sentAt = clock.now();
  const ending = new AbortController();
  const guard: LoginGuard = {
    refusalAt: (dialled) => refusedLogins.refusalOf({ enteredBy, address: dialled, port }, hostPort),
    onDialled(dialled) {
      address = dialled;
    },
    async begin() {
      const subject = { serverId, enteredBy, address: address ?? host, port };
      const until = AbortSignal.any([signal, ending.signal]);
      const attempt = await refusedLogins.begin(subject, { username, credential, hostPort, signal: until });
      // The connection was lost while this waited for its turn, so no outcome will be reported.
      if (ending.signal.aborted) attempt.undecided();
      ending.signal.throwIfAborted();
      attempts.push(attempt);
      sentAt = clock.now();
    },
  };
  const refusal =
    refusedLogins.refusalOf({ serverId }, hostPort) ?? (address === null ? null : guard.refusalAt(address));
  if (refusal !== null) throw refusal;
  try {
    const connected = await connect(guard);
    for (const attempt of attempts) attempt.succeeded();
    return connected;
  } catch (error) {
    // A slow server has answered nothing. All else counts: a call that is given up in time, or that began its login late, must not be a
    // free guess. A credential that was taken before is none: an overloaded server must not lock its owner out.
    const kind = isAppError(error) ? kindOf(error) : 'other';
    const hadTime = clock.now() - sentAt >= ANSWER_MS;
    for (const attempt of attempts) {
      const counts = attempt.isProved ? kind === 'auth' : kind !== 'timeout' || !hadTime;
      counts ? attempt.refused() : attempt.undecided();
    }
    throw error;
  } finally {
    ending.abort(new AppError('cancelled', 'The connection has ended.'));
  }
}
