// SQL for the output of tasks: text in pieces, each at its byte offset in the whole task's output.
import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { lastCharacters, piecesOf, storableBytes, wholeCharacters } from './output-text.ts';

/** Bytes of output kept of one task: a runaway command must not fill the disk under Buoy. */
export const MAX_TASK_OUTPUT_BYTES = 8 * 1024 * 1024;
/** Bytes shown of each step in the task itself. */
const STEP_TAIL_BYTES = 4 * 1024;
/** Bytes in one row: small enough to read a page without loading much more than it. */
export const PIECE_BYTES = 64 * 1024;

const cutMark = Buffer.from('\n[Output cut: this task has written more than Buoy keeps.]\n');

type OutputPiece = { stepId: string; offset: number; text: string };
export type OutputPage = { offset: number; nextOffset: number; pieces: OutputPiece[] };

type Append = {
  taskId: string;
  position: number;
  stepId: string;
  text: string;
  outputBytes: number;
  at: string;
};

/**
 * Appends to the task's output and to the step's tail, inside the caller's transaction.
 * Beyond the limit a mark is written once and only the tail goes on.
 * @param outputBytes what the task holds so far, read in the same transaction
 * @returns its size now
 */
export async function appendOutput(transaction: Kysely<Database>, append: Append): Promise<number> {
  const { taskId, position, stepId, outputBytes, at } = append;
  const bytes = storableBytes(append.text);
  const kept = truncated(bytes, outputBytes);
  let offset = outputBytes;
  for (const piece of piecesOf(kept, PIECE_BYTES)) {
    await transaction
      .insertInto('taskOutputs')
      .values({ taskId, offset, stepId, text: piece.toString(), createdAt: at })
      .execute();
    offset += piece.length;
  }
  const { outputTail } = await transaction
    .selectFrom('taskSteps')
    .select('outputTail')
    .where('taskId', '=', taskId)
    .where('position', '=', position)
    .executeTakeFirstOrThrow();
  const tail = lastCharacters(Buffer.concat([Buffer.from(outputTail), bytes]), STEP_TAIL_BYTES).toString();
  await transaction
    .updateTable('taskSteps')
    .set({ outputTail: tail })
    .where('taskId', '=', taskId)
    .where('position', '=', position)
    .execute();
  return offset;
}

function truncated(bytes: Buffer, outputBytes: number): Buffer {
  if (outputBytes >= MAX_TASK_OUTPUT_BYTES) return Buffer.alloc(0);
  const room = MAX_TASK_OUTPUT_BYTES - outputBytes;
  return bytes.length <= room ? bytes : Buffer.concat([wholeCharacters(bytes, room), cutMark]);
}

/**
 * Output from a byte offset on, at most `maxBytes` (64 or more), in whole characters. An offset inside a character moves to
 * the next one, an offset beyond the end to the end; `offset` says where the page really starts, `nextOffset` where it ends.
 */
export async function readOutput(
  db: Kysely<Database>,
  taskId: string,
  offset: number,
  maxBytes: number,
): Promise<OutputPage> {
  // Pieces touch each other, so a range of offsets is a range of bytes.
  const rows = await db
    .selectFrom('taskOutputs')
    .select(['offset', 'stepId', 'text'])
    .where('taskId', '=', taskId)
    .where('offset', '>=', await offsetOfPieceWith(db, taskId, offset))
    .where('offset', '<', offset + maxBytes)
    .orderBy('offset')
    .execute();
  const pieces: OutputPiece[] = [];
  let start: number | null = null;
  let next = 0;
  for (const { stepId, offset: begin, text: whole } of rows) {
    const end = begin + Buffer.byteLength(whole);
    const text =
      begin >= offset ? whole : lastCharacters(Buffer.from(whole), Math.max(0, end - offset)).toString();
    next = end;
    if (text === '') continue;
    const from = end - Buffer.byteLength(text);
    start ??= from;
    const room = start + maxBytes - from;
    if (end - from <= room) {
      add(pieces, { stepId, offset: from, text });
      continue;
    }
    // The next page begins with it: cut in two, each row of a long output would be read for two pages.
    next = from;
    if (from > start) break;
    const part = wholeCharacters(Buffer.from(text), room);
    add(pieces, { stepId, offset: from, text: part.toString() });
    next = from + part.length;
    break;
  }
  return { offset: start ?? next, nextOffset: next, pieces };
}

/** Where the last piece starts that begins at or before `offset`. */
async function offsetOfPieceWith(db: Kysely<Database>, taskId: string, offset: number): Promise<number> {
  const row = await db
    .selectFrom('taskOutputs')
    .select('offset')
    .where('taskId', '=', taskId)
    .where('offset', '<=', offset)
    .orderBy('offset', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.offset ?? 0;
}

/** Neighbouring text of one step becomes one piece. */
function add(pieces: OutputPiece[], piece: OutputPiece): void {
  if (piece.text === '') return;
  const last = pieces.at(-1);
  if (last?.stepId === piece.stepId) last.text += piece.text;
  else pieces.push(piece);
}
