// What every read of OpenClaw says beside its payload: where it comes from and how old it is.
import { z } from 'zod';
import { time } from '../scalars.ts';

/** `cli`: from the host itself, because the gateway does not answer. `snapshot`: as it was last seen. */
export const source = z.enum(['gateway', 'cli', 'snapshot']);
export type Source = z.output<typeof source>;

/** The answer of a read: `shape` with its source and age. */
export function readOf<S extends z.ZodRawShape>(shape: S) {
  return z.object({ ...shape, source, observedAt: time });
}

export const count = z.number().int().nonnegative();
