// Bytes of one person, and of all people together, in memory: bodies that arrive or are processed, and answers that are not read yet. Both stay
// in memory for as long as their client is slow.
// Counted in this process, whose memory it is.
import { AppError } from '../lib/app-error.ts';

/** Bytes of one session, or of all API tokens of a person: six skills that are uploaded at once, or the four longest transcripts. */
const MAX_BYTES = 32 * 1024 * 1024;
/** Sessions of one person that may hold that: a thief in one leaves three times as much to the others, and a person has half of the total. */
const FULL_SESSIONS = 4;
/**
 * Bytes of everybody together. Above it nobody is locked out: the sessions of a person still get one call at a time, and their API tokens one.
 */
const MAX_TOTAL_BYTES = 256 * 1024 * 1024;
/** Bytes of what is counted apart, so that short calls go on beside long ones. */
const SMALL_BYTES = 16 * 1024;
/** Bytes of small bodies of one session, or of all API tokens of a person: 256 of the longest. Calls a minute bound the sessions together. */
const MAX_SMALL_BYTES = 4 * 1024 * 1024;
/** Bytes of lists of what signs in, for each session: the longest, 500 sessions, takes 400 KB. */
const MAX_LISTS_BYTES = 512 * 1024;
/** Seconds after which a client may try again: a limit that only reading frees is not worth asking for often. */
const RETRY_AFTER_S = 10;

export type HeldBy = {
  /** A session of the person; without one, all that the person holds without one is counted together. */
  session?: string | null;
  /** A small one, such as a refusal, is sent in any case. */
  isAnswer?: boolean;
  /** Of a call that lists or ends what signs in: not to be kept from working by what else is held. */
  endsSignIns?: boolean;
};

export type HeldBytes = {
  /**
   * Counts `bytes` of this person (`countedPerson`) until the answer is called, which may be called twice.
   * @throws AppError `rate_limited` when this session or person has too much already, or something while all people together have too much
   */
  hold(person: string, bytes: number, by?: HeldBy): () => void;
};

export function createHeldBytes(maxBytes = MAX_BYTES, maxTotalBytes = MAX_TOTAL_BYTES): HeldBytes {
  const [small, lists, large, largeOfPerson] = [counts(), counts(), counts(), counts()];
  const total = counts();

  const checkLarge = (person: string, session: string, bytes: number): void => {
    const ofPerson = largeOfPerson.of(person);
    if (exceeds(maxBytes, large.of(session), bytes) || exceeds(FULL_SESSIONS * maxBytes, ofPerson, bytes))
      throw tooMuch();
    if (ofPerson > 0 && total.of('') + bytes > maxTotalBytes)
      throw new AppError(
        'rate_limited',
        'Uploads and unread answers take as much memory as Buoy may use for them.',
        {
          hint: 'Wait until another upload or download of yours has ended, then try again.',
          details: { retryAfterS: RETRY_AFTER_S },
        },
      );
  };

  return {
    hold(person, bytes, { session: id = null, isAnswer = false, endsSignIns = false } = {}) {
      const session = JSON.stringify([person, id]);
      if (bytes <= SMALL_BYTES) {
        if (!isAnswer && !endsSignIns && exceeds(MAX_SMALL_BYTES, small.of(session), bytes)) throw tooMuch();
        return addTo([[small, session]], bytes);
      }
      if (endsSignIns && lists.of(session) + bytes <= MAX_LISTS_BYTES)
        return addTo([[lists, session]], bytes);
      checkLarge(person, session, bytes);
      return addTo(
        [
          [large, session],
          [largeOfPerson, person],
          [total, ''],
        ],
        bytes,
      );
    },
  };
}

type Counts = { of(key: string): number; add(key: string, bytes: number): void };

function counts(): Counts {
  const held = new Map<string, number>();
  const of = (key: string): number => held.get(key) ?? 0;
  return {
    of,
    add(key, bytes) {
      const now = of(key) + bytes;
      if (now === 0) held.delete(key);
      else held.set(key, now);
    },
  };
}

/** One alone is admitted, however long. */
function exceeds(max: number, held: number, bytes: number): boolean {
  return held > 0 && held + bytes > max;
}

function addTo(places: ReadonlyArray<readonly [Counts, string]>, bytes: number): () => void {
  for (const [held, key] of places) held.add(key, bytes);
  let isHeld = true;
  return () => {
    if (!isHeld) return;
    isHeld = false;
    for (const [held, key] of places) held.add(key, -bytes);
  };
}

function tooMuch(): AppError {
  return new AppError(
    'rate_limited',
    "Your uploads and the answers that you have not read take as much of Buoy's memory as one session, or all of yours, may use.",
    {
      hint: 'Wait until other uploads and downloads of yours have ended, then try again.',
      details: { retryAfterS: RETRY_AFTER_S },
    },
  );
}

/** Bytes that the body of a request may come to; that of a call that reads none stays with its connection. */
export function announcedBytes(
  method: string,
  headers: { 'content-length'?: string | undefined; 'transfer-encoding'?: string | undefined },
  limit: number,
): number {
  if (method === 'GET' || method === 'HEAD') return 0;
  if (headers['transfer-encoding'] !== undefined) return limit;
  return Math.min(Number(headers['content-length'] ?? 0) || 0, limit);
}
