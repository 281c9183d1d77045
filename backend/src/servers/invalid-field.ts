// A field of the request that cannot be as it is, for reasons that its schema does not know.
import { AppError } from '../lib/app-error.ts';

/** @param path the field, as in the details of every 400 */
export function invalidField(path: string, message: string): AppError {
  return new AppError('invalid_request', message, { details: [{ path, message }] });
}
