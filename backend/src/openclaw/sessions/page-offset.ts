// Cursors over lists that OpenClaw pages by offset.
import { AppError } from '../../lib/app-error.ts';

/** @throws AppError `invalid_request` for a cursor that is none */
export function offsetIn(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  if (!/^\d{1,9}$/.test(cursor)) throw badCursor();
  return Number(cursor);
}

/** How many messages were read since the newest, and the place in the transcript of the last one, counted from its first. */
export type HistoryPosition = { offset: number; seq: number | null };

/** @throws AppError `invalid_request` for a cursor that is none */
export function historyPositionIn(cursor: string): HistoryPosition {
  const [, offset, seq] = /^(\d{1,9})\.(\d{0,9})$/.exec(cursor) ?? [];
  if (offset === undefined || seq === undefined) throw badCursor();
  return { offset: Number(offset), seq: seq === '' ? null : Number(seq) };
}

export function historyCursor({ offset, seq }: HistoryPosition): string {
  return `${offset}.${seq ?? ''}`;
}

function badCursor(): AppError {
  return new AppError('invalid_request', 'The cursor does not belong to this list.', {
    details: [{ path: 'cursor', message: 'must be the nextCursor of another answer' }],
  });
}
