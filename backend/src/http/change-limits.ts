// Limits changes by one person: each has an audit entry of its own, and nobody may fill the disk with them.
import { contract, type Endpoint } from '@buoy/contract';
import { AppError } from '../lib/app-error.ts';
import type { Clock } from '../lib/clock.ts';
import { createTokenBuckets, type TokenBucketResult } from '../lib/token-bucket.ts';
import type { Caller } from '../users/caller.ts';
import type { PathParams } from './route.ts';

/** Changes of one record in a row, and milliseconds until one is back: back and forth they tell nothing new. */
const OF_RECORD = { capacity: 60, refillMs: 60_000 };
/** Entries that a person leaves in a row, and milliseconds until one is back: some 43,000 a day. */
const OF_PERSON = { capacity: 3_000, refillMs: 2_000 };

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
  const ofPerson = createTokenBuckets({ ...OF_PERSON, clock });
  return {
    check(caller, key) {
      if (!mayBeRefused(key)) return;
      const left = ofPerson.peek(personOf(caller));
      if (!left.granted)
        throw tooMany(left, OF_PERSON.capacity, `then one every ${OF_PERSON.refillMs / 1_000} seconds`);
    },
    spend(caller, key, params) {
      const record = recordOf(key, params);
      if (record === null) return;
      const taken = ofRecord.take(JSON.stringify([personOf(caller), record]));
      if (!taken.granted) throw tooMany(taken, OF_RECORD.capacity, 'then one a minute');
    },
    wrote(caller) {
      ofPerson.take(personOf(caller));
    },
  };
}

/** What ends a thief's access is never refused, nor is any other removal: it ends what was made before. */
function mayBeRefused(key: string): boolean {
  if (key === 'POST /auth/logout' || key === 'POST /admin/users/:id/disable') return false;
  return key.startsWith('POST ') || key.startsWith('PUT ');
}

/** A thief of an API token uses up nothing of its person, who is there with a device. */
function personOf({ user, apiToken }: Caller): string {
  return JSON.stringify([user.id, apiToken === null ? 'devices' : 'tokens']);
}

/** What a call changes, as its path names it; null for what it makes or removes, and where the path names nothing. */
function recordOf(key: string, params: PathParams): string | null {
  const [method = ''] = key.split(' ');
  const { status } = (contract as Readonly<Record<string, Endpoint>>)[key] ?? {};
  const makes = status === 201 || status === 202;
  const namesNothing = method === 'POST' && Object.keys(params).length === 0;
  return makes || namesNothing || method === 'DELETE' ? null : JSON.stringify([key, params]);
}

function tooMany({ retryAfterMs }: TokenBucketResult, limit: number, pace: string): AppError {
  const retryAfterS = Math.ceil(retryAfterMs / 1_000);
  return new AppError('rate_limited', `Too many changes: at most ${limit} in a row, ${pace}.`, {
    hint: `Wait ${retryAfterS} s, then try again.`,
    details: { limit, retryAfterS },
  });
}
