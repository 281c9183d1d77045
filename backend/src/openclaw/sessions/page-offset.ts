// Cursors over lists that OpenClaw pages by offset.
import { AppError } from '../../lib/app-error.ts';

/** @throws AppError `invalid_request` for a cursor that is none */
export function offsetIn(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  if (!/^\d{1,9}$/.test(cursor)) throw badCursor();
  return Number(cursor);
}

/** How many messages there were when the page before was read, and how many of them were read since the newest. */
export type HistoryPlace = { total: number; offset: number };

/** @throws AppError `invalid_request` for a cursor that is none */
export function historyPlaceIn(cursor: string): HistoryPlace {
  const [, total, offset] = /^(\d{1,9})\.(\d{1,9})$/.exec(cursor) ?? [];
  if (total === undefined || offset === undefined) throw badCursor();
  return { total: Number(total), offset: Number(offset) };
}

export function historyCursor({ total, offset }: HistoryPlace): string {
  return `${total}.${offset}`;
}

function badCursor(): AppError {
  return new AppError('invalid_request', 'The cursor is not one of this list.', {
    details: [{ path: 'cursor', message: 'must be the nextCursor of another answer' }],
  });
}
