// Limits changes by one person: each has an audit entry of its own, and nobody may fill the disk with them.
import { contract, type Endpoint, type EndpointKey } from '@buoy/contract';
import { AppError } from '../lib/app-error.ts';
import type { Clock } from '../lib/clock.ts';
import { createTokenBuckets, type TokenBucketResult } from '../lib/token-bucket.ts';
import { type Caller, countedPerson } from '../users/caller.ts';
import type { PathParams } from './route.ts';

/** Changes of one record in a row, and milliseconds until one is back: back and forth they tell nothing new. A script may set a server's tags or config often. */
const OF_RECORD = { capacity: 600, refillMs: 10_000 };
/** The same of a role, and of what people set of themselves. */
const OF_SETTING = { capacity: 60, refillMs: 60_000 };
/** Entries that a person leaves in a row, and milliseconds until one is back: some 86,000 a day. */
const OF_PERSON = { capacity: 10_000, refillMs: 1_000 };

/**
 * Calls that end access or work, which nobody's entries may keep anybody from. Each ends what was made before, and one that fails has changed nothing.
 * Other removals go to a server, which may refuse the same one again and again.
 */
const endings: ReadonlySet<string> = new Set<EndpointKey>([
  'POST /auth/logout',
  'POST /admin/users/:id/disable',
  'DELETE /me/sign-in-link',
  'DELETE /me/sessions/:id',
  'DELETE /me/tokens/:id',
  'DELETE /me/passkeys/:id',
  'DELETE /me/notification-channels/:id',
  'DELETE /servers/:id',
  'PUT /servers/:id/access/:userId',
  'DELETE /servers/:id/access/:userId',
  'DELETE /servers/:id/invites/:inviteId',
  'DELETE /update-policies/:tag',
  'DELETE /status-pages/:id',
  'POST /status-pages/:id/rotate',
  'DELETE /servers/:id/maintenance',
  'DELETE /servers/:id/maintenance/:windowId',
  'POST /rollouts/:id/cancel',
  'POST /tasks/:id/cancel',
]);
/** Of these, what can be done to the same record without end: a role goes up as well, a link is renewed again and again, and a task that runs on is asked to stop again. */
const endlessEndings: ReadonlySet<string> = new Set<EndpointKey>([
  'PUT /servers/:id/access/:userId',
  'POST /status-pages/:id/rotate',
  'POST /tasks/:id/cancel',
]);

export type ChangeLimits = {
  /**
   * Before a call runs that may change something.
   * @throws AppError `rate_limited` when its caller has left too many entries
   */
  check(caller: Caller, key: string): void;
  /**
   * In the transaction of a change.
   * @throws AppError `rate_limited` when the caller has changed this record too often
   */
  spend(caller: Caller, key: string, params: PathParams): void;
  /** An entry of its own was written, which is not counted together with others. */
  wrote(caller: Caller): void;
};

/** Counts in the memory of this process. */
export function createChangeLimits({ clock }: { clock: Clock }): ChangeLimits {
  const ofRecord = createTokenBuckets({ ...OF_RECORD, clock });
  const ofSetting = createTokenBuckets({ ...OF_SETTING, clock });
  const ofPerson = createTokenBuckets({ ...OF_PERSON, clock });
  return {
    check(caller, key) {
      if (!mayBeRefused(key)) return;
      const left = ofPerson.peek(countedPerson(caller));
      if (!left.granted) throw tooMany(left, OF_PERSON);
    },
    spend(caller, key, params) {
      const record = recordOf(key, params);
      if (record === null) return;
      const [buckets, limits] = isSetting(key) ? [ofSetting, OF_SETTING] : [ofRecord, OF_RECORD];
      const taken = buckets.take(JSON.stringify([countedPerson(caller), record]));
      if (!taken.granted) throw tooMany(taken, limits);
    },
    wrote(caller) {
      ofPerson.take(countedPerson(caller));
    },
  };
}

export function endsAccessOrWork(key: string): boolean {
  return endings.has(key);
}

function mayBeRefused(key: string): boolean {
  return !key.startsWith('GET ') && !endsAccessOrWork(key);
}

function isSetting(key: string): boolean {
  return key.startsWith('PUT /me') || key.includes('/access/');
}

/** What a call changes, as its path names it; null for what it makes or removes, and where the path names nothing. */
function recordOf(key: string, params: PathParams): string | null {
  const [method = ''] = key.split(' ');
  const status = (contract as Readonly<Record<string, Endpoint>>)[key]?.status;
  const makes = status === 201 || status === 202;
  const namesNothing = method === 'POST' && Object.keys(params).length === 0;
  const isNeverRefused = method === 'DELETE' || (endsAccessOrWork(key) && !endlessEndings.has(key));
  return makes || namesNothing || isNeverRefused ? null : JSON.stringify([key, params]);
}

function tooMany(
  { retryAfterMs }: TokenBucketResult,
  { capacity, refillMs }: { capacity: number; refillMs: number },
): AppError {
  const retryAfterS = Math.ceil(retryAfterMs / 1_000);
  const pace = `then one in ${refillMs / 1_000} s`;
  return new AppError('rate_limited', `Too many changes: at most ${capacity} in a row, ${pace}.`, {
    hint: `Wait ${retryAfterS} s, then try again.`,
    details: { limit: capacity, retryAfterS },
  });
}
