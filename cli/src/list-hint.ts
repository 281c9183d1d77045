// Turns a 404 into an error that names the listing command.
import { ApiError } from '@buoy/contract/client';
import { CommandError } from './command.ts';

/**
 * @param list the command that lists the items
 * @param none message for a 404 instead of the one of the API
 * @throws CommandError for a 404, otherwise the original error
 */
export async function withList<T>(answer: Promise<T>, list: string, none?: string): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
    throw new CommandError(none ?? error.message, `List them: ${list}`, error.code);
  }
}
