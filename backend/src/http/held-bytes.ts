// Bytes of one person, and of all people together, in memory: bodies that arrive or are processed, and answers that are not read yet. Both stay
// in memory for as long as their client is slow.
// Counted in this process, whose memory it is.
import { AppError } from '../lib/app-error.ts';

/** Bytes of one person: six skills that are uploaded at once, or the four longest transcripts. */
const MAX_BYTES = 32 * 1024 * 1024;
/**
 * Bytes of everybody together, as much as eight people may use. Above it nobody is locked out: each person still gets one call at a time.
 */
const MAX_TOTAL_BYTES = 256 * 1024 * 1024;
/** Bytes of an answer that is sent in any case, such as a refusal. */
const SMALL_BYTES = 16 * 1024;
/** Seconds after which a client may try again: a limit that only reading frees is not worth asking for often. */
const RETRY_AFTER_S = 10;

export type HeldBytes = {
  /**
   * Counts `bytes` of this person until the answer is called, which may be called twice.
   * @throws AppError `rate_limited` for more than a little when this person has too much already, or something while all people together
   * have too much
   */
  hold(userId: string, bytes: number): () => void;
};

export function createHeldBytes(maxBytes = MAX_BYTES, maxTotalBytes = MAX_TOTAL_BYTES): HeldBytes {
  const held = new Map<string, number>();
  let total = 0;
  return {
    hold(userId, bytes) {
      const before = held.get(userId) ?? 0;
      if (bytes > SMALL_BYTES && before + bytes > maxBytes && before > 0)
        throw new AppError(
          'rate_limited',
          "Your uploads and the answers that you have not read take as much of Buoy's memory as one person may use.",
          {
            hint: 'Wait until other uploads and downloads of yours have ended, then try again.',
            details: { retryAfterS: RETRY_AFTER_S },
          },
        );
      if (bytes > SMALL_BYTES && total + bytes > maxTotalBytes && before > SMALL_BYTES)
        throw new AppError(
          'rate_limited',
          'Uploads and unread answers take as much memory as Buoy may use for them.',
          {
            hint: 'Wait until another upload or download of yours has ended, then try again.',
            details: { retryAfterS: RETRY_AFTER_S },
          },
        );
      held.set(userId, before + bytes);
      total += bytes;
      let isHeld = true;
      return () => {
        if (!isHeld) return;
        isHeld = false;
        total -= bytes;
        const left = (held.get(userId) ?? bytes) - bytes;
        if (left === 0) held.delete(userId);
        else held.set(userId, left);
      };
    },
  };
}

/** Bytes that the body of a request may come to. */
export function announcedBytes(
  headers: { 'content-length'?: string | undefined; 'transfer-encoding'?: string | undefined },
  limit: number,
): number {
  if (headers['transfer-encoding'] !== undefined) return limit;
  return Math.min(Number(headers['content-length'] ?? 0) || 0, limit);
}
