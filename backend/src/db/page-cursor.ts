// Where the next page of a list that is sorted by time goes on: the moment and the id of the last row of the page before.
import { z } from 'zod';
import { AppError } from '../lib/app-error.ts';

export type PagePosition = { createdAt: string; id: string };

const cursorParts = z.tuple([z.iso.datetime(), z.string().max(64)]);

/** The cursor that goes on behind `last`. */
export function cursorAfter({ createdAt, id }: PagePosition): string {
  return Buffer.from(JSON.stringify([createdAt, id])).toString('base64url');
}

/** @throws AppError `invalid_request` for what `cursorAfter` did not make */
export function parseCursor(cursor: string): PagePosition {
  try {
    const [createdAt, id] = cursorParts.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
    return { createdAt, id };
  } catch (cause) {
    throw new AppError('invalid_request', 'The cursor is not one that Buoy gave out.', {
      hint: 'Pass nextCursor of the page before as it is, or leave it out.',
      details: [{ path: 'cursor', message: 'is not a cursor of this list' }],
      cause,
    });
  }
}
