// A refusal for what is not there says where to look.
import { ApiError } from '@buoy/contract/client';
import { CommandError } from './command.ts';

/**
 * @param list the command that lists what there is
 * @param none what is told of a 404 instead of the words of the API
 * @throws CommandError for a 404, what was thrown else
 */
export async function withList<T>(answer: Promise<T>, list: string, none?: string): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
    throw new CommandError(none ?? error.message, `List them: ${list}`, error.code);
  }
}
