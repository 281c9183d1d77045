// The answer of `logs.tail`, the same on 2026.7.35 and 2026.9.6, and the limits of its parameters.
import { z } from 'zod';
import { boundedArray, nameText } from '../reads/bounded.ts';

/** Bytes and lines that the gateway reads of its log at most. */
export const MAX_TAIL_BYTES = 1_000_000;
export const MAX_TAIL_LINES = 5_000;

export const tailAnswer = z.looseObject({
  file: nameText,
  /** Bytes up to the end of the last whole line. */
  cursor: z.number().int().nonnegative(),
  /** JSON texts; OpenClaw has masked its own secrets in them. */
  lines: boundedArray(z.string(), MAX_TAIL_LINES),
  truncated: z.boolean().catch(false),
  /** The cursor that was asked for lies behind the end of the file, or too far before it. */
  reset: z.boolean().catch(false),
});
export type TailAnswer = z.output<typeof tailAnswer>;

export type TailParams = { cursor?: number; limit: number; maxBytes: number };
