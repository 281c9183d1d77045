// Maps refusals of the gateway to errors by OpenClaw's messages and details.
import { z } from 'zod';
import { type AppError, isAppError } from '../../lib/app-error.ts';

export type Refusal = {
  /** OpenClaw's error code, INVALID_REQUEST for most. */
  code: string;
  /** OpenClaw's own sentence. */
  message: string;
  details: Record<string, unknown>;
};

export type Meaning = { when(refusal: Refusal): boolean; is(refusal: Refusal): AppError };

const refusalDetails = z.looseObject({
  openclaw: z.looseObject({
    code: z.string(),
    message: z.string().catch(''),
    details: z.record(z.string(), z.unknown()).catch({}),
  }),
});

/** What OpenClaw said when it refused a call; null for any other failure. */
export function refusalIn(error: unknown): Refusal | null {
  if (!isAppError(error, 'refused')) return null;
  return refusalDetails.safeParse(error.details).data?.openclaw ?? null;
}

/** Returns the result of `work`; a refusal becomes the error of the first matching meaning. */
export async function explained<T>(work: Promise<T>, meanings: readonly Meaning[]): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const refusal = refusalIn(error);
    const meaning = refusal === null ? undefined : meanings.find(({ when }) => when(refusal));
    throw refusal === null || meaning === undefined ? error : meaning.is(refusal);
  }
}
