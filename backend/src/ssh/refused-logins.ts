// Limits refused logins, so that Buoy cannot be used to guess passwords: for everybody who can connect, in every way of connecting.
import type { AppError } from '../lib/app-error.ts';
import type { Clock } from '../lib/clock.ts';
import { sha256 } from '../lib/ids.ts';
import { untilAborted } from './call-scope.ts';
import { failure } from './failures.ts';
import type { SshCredential } from './ssh.ts';

/** Refused logins within `WINDOW_MS` after which no further one is tried. */
const MAX_REFUSED = 5;
const WINDOW_MS = 10 * 60_000;
/** Counters that are kept; beyond it the oldest go first. Each takes a refused login to make. */
const MAX_COUNTERS = 10_000;
/** Hashes of accepted credentials, likewise. */
const MAX_PROVED = 10_000;

/** What a login counts against. */
export type LoginSubject = {
  serverId: string;
  /** Who entered address and credential. */
  enteredBy: string;
  /** The address that was connected to, in its one spelling; or the jump server and the host as it was entered. */
  address: string;
  port: number;
};

export type LoginAttempt = {
  /** This credential of this person was accepted at this address before, and not refused since: it is not a guess. */
  isProved: boolean;
  /** The server accepted the credential: refusals of the same user are cleared. */
  succeeded(): void;
  refused(): void;
  /** The server gave no answer. */
  undecided(): void;
};

export type RefusedLogins = {
  /** The error that a login gets now; null when it may be tried. Without `address`, only the server itself counts. */
  refusalOf(
    subject: Pick<LoginSubject, 'serverId'> | Omit<LoginSubject, 'serverId'>,
    hostPort: string,
  ): AppError | null;
  /**
   * To be called just before the credential is sent. Waits while as many logins are under way as may still be refused, so that guesses
   * at the same moment are no way around the limit.
   */
  begin(
    subject: LoginSubject,
    options: { username: string; credential: SshCredential; hostPort: string; signal: AbortSignal },
  ): Promise<LoginAttempt>;
};

type Counter = { refused: Array<{ at: number; username: string }>; pending: number };

/**
 * Counts by server, and by address and port together with the person who entered them. By the address alone, a stranger who adds another
 * person's machine could lock its owner out; by the server alone, deleting and adding it again would reset the count. The person is the one
 * who last entered the address or the credential, not the owner: a server can be given away. See `addressAnswerer` for one who has left.
 * A success clears only refusals of its own user: else one's own account on a machine would buy endless guesses at another one there.
 */
// In this process alone, like the breaker: several Buoys allow as many times more.
export function createRefusedLogins({ clock }: { clock: Clock }): RefusedLogins {
  const counters = new Map<string, Counter>();
  const proved = new Set<string>();
  let settled = Promise.withResolvers<void>();

  function read(key: string): Counter {
    const counter = counters.get(key) ?? { refused: [], pending: 0 };
    counter.refused = counter.refused.filter(({ at }) => at > clock.now() - WINDOW_MS);
    return counter;
  }

  function store(key: string, counter: Counter): void {
    // Written last is youngest: the map is in the order of its writes.
    counters.delete(key);
    if (counter.refused.length > 0 || counter.pending > 0) counters.set(key, counter);
    if (counters.size <= MAX_COUNTERS) return;
    for (const [oldest, { pending }] of counters) {
      if (pending > 0) continue;
      counters.delete(oldest);
      return;
    }
  }

  function prove(login: string): void {
    proved.delete(login);
    proved.add(login);
    const [oldest] = proved;
    if (proved.size > MAX_PROVED && oldest !== undefined) proved.delete(oldest);
  }

  function refusal(keys: readonly string[], hostPort: string): AppError | null {
    const waits = keys.map((key) => read(key).refused.at(-MAX_REFUSED)?.at ?? Number.NEGATIVE_INFINITY);
    const waitMs = Math.max(...waits) + WINDOW_MS - clock.now();
    return waitMs > 0 ? tooManyRefused(hostPort, waitMs) : null;
  }

  return {
    refusalOf: (subject, hostPort) => refusal(keysOf(subject), hostPort),

    async begin(subject, { username, credential, hostPort, signal }) {
      const { enteredBy, address, port } = subject;
      const login = sha256(JSON.stringify([enteredBy, address, port, username, credential]));
      const keys = keysOf(subject);
      const isFull = (key: string) => {
        const { refused, pending } = read(key);
        return refused.length + pending >= MAX_REFUSED;
      };
      for (;;) {
        const error = refusal(keys, hostPort);
        if (error !== null) throw error;
        if (!keys.some(isFull)) break;
        await untilAborted(settled.promise, signal);
      }
      for (const key of keys) {
        const counter = read(key);
        store(key, { ...counter, pending: counter.pending + 1 });
      }
      let isOpen = true;
      const settle = (change: (refused: Counter['refused']) => Counter['refused']) => {
        if (!isOpen) return;
        isOpen = false;
        for (const key of keys) {
          const { refused, pending } = read(key);
          store(key, { refused: change(refused), pending: pending - 1 });
        }
        settled.resolve();
        settled = Promise.withResolvers();
      };
      return {
        isProved: proved.has(login),
        succeeded() {
          prove(login);
          settle((refused) => refused.filter((one) => one.username !== username));
        },
        refused() {
          proved.delete(login);
          settle((refused) => [...refused, { at: clock.now(), username }]);
        },
        undecided: () => settle((refused) => refused),
      };
    },
  };
}

function keysOf(subject: Partial<LoginSubject>): string[] {
  const { serverId, enteredBy, address, port } = subject;
  const keys = [];
  if (serverId !== undefined) keys.push(JSON.stringify([serverId]));
  if (address !== undefined) keys.push(JSON.stringify([enteredBy, address, port]));
  return keys;
}

/** Not `ssh_auth`: the breaker need not pause a login that is already paused here. */
function tooManyRefused(hostPort: string, waitMs: number): AppError {
  const minutes = Math.ceil(waitMs / 60_000);
  return failure(
    'auth',
    'circuit_open',
    `${MAX_REFUSED} logins were refused within ${WINDOW_MS / 60_000} minutes, so Buoy does not log in at ${hostPort} for now.`,
    {
      hint: `Correct the login data, then try again in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}.`,
      details: { retryInMs: waitMs },
    },
  );
}
