// The error for a disabled person, for every sign-in method.
import { AppError } from '../lib/app-error.ts';

export function accountDisabled(): AppError {
  return new AppError('account_disabled', 'Your account on this Buoy is disabled.', {
    hint: 'Ask an admin of this Buoy to enable it.',
  });
}
