// The error for a field that passes its schema but is not acceptable.
import { AppError } from '../lib/app-error.ts';

/** @param path the field, as in the details of every 400 */
export function invalidField(path: string, message: string): AppError {
  return new AppError('invalid_request', message, { details: [{ path, message }] });
}
