// What a refused request says about single fields of its form.
import { ApiError } from '@buoy/contract/client';

export type FieldErrors = Readonly<Record<string, string>>;

/**
 * The first message for each field; none for problems that are not about fields.
 * @param within the field that holds those of the form; absent: they are the request's own
 */
export function fieldErrors(problem: Error | null, within?: string): FieldErrors {
  if (!(problem instanceof ApiError) || !Array.isArray(problem.details)) return {};
  const errors: Record<string, string> = {};
  for (const detail of problem.details as unknown[]) {
    if (typeof detail !== 'object' || detail === null || !('path' in detail) || !('message' in detail))
      continue;
    const [first = '', second = ''] = String(detail.path).split('.');
    if (within !== undefined && first !== within) continue;
    const field = within === undefined ? first : second;
    errors[field] ??= String(detail.message);
  }
  return errors;
}
