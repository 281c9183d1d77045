// Lets a module report the outcome of its calls without knowing the metrics.
import type { ErrorCode } from '@buoy/contract';
import { isAppError } from './app-error.ts';

/** Told how something ended: null when it went well, else the code of the error. */
export type CallEnd = (failure: ErrorCode | null) => void;

/** Answers as `work` does, and tells `end`. */
export async function observed<T>(end: CallEnd, work: Promise<T>): Promise<T> {
  try {
    const result = await work;
    end(null);
    return result;
  } catch (error) {
    end(isAppError(error) ? error.code : 'internal');
    throw error;
  }
}
