// Page cursors: the sort position of the last row of the previous page.
import { z } from 'zod';
import { AppError } from '../lib/app-error.ts';

/** In a list that is sorted by time alone. */
export type PagePosition = { createdAt: string; id: string };

const cursorParts = z.tuple([z.iso.datetime(), z.string().max(64)]);

/** The cursor that goes on behind `last`. */
export function cursorAfter({ createdAt, id }: PagePosition): string {
  return cursorOf([createdAt, id]);
}

/** @throws AppError `invalid_request` for what `cursorAfter` did not make */
export function parseCursor(cursor: string): PagePosition {
  const [createdAt, id] = positionIn(cursor, cursorParts);
  return { createdAt, id };
}

/** A cursor for a list with a position of its own kind. */
export function cursorOf(position: readonly unknown[]): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** @throws AppError `invalid_request` for what `cursorOf` did not make of such a position */
export function positionIn<S extends z.ZodType>(cursor: string, schema: S): z.output<S> {
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch (cause) {
    throw new AppError('invalid_request', 'Buoy did not issue this cursor.', {
      hint: 'Pass the nextCursor of the previous page unchanged, or leave it out.',
      details: [{ path: 'cursor', message: 'is not a cursor of this list' }],
      cause,
    });
  }
}

/**
 * A page out of the rows that were found when one more than `limit` was asked for: that one only says that there are more.
 * @param cursorBehind the cursor that goes on behind a row
 */
export function pageOf<R>(
  rows: readonly R[],
  limit: number,
  cursorBehind: (last: R) => string,
): { page: R[]; nextCursor: string | null } {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { page, nextCursor: rows.length > limit && last !== undefined ? cursorBehind(last) : null };
}
