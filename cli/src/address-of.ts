// Normalizes the address of a Buoy as people type it.
import { UsageError } from './command.ts';

/**
 * Returns scheme, host and port; https if no scheme is given, and without the path.
 * @throws UsageError
 */
export function addressOf(typed: string): string {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(typed) ? typed : `https://${typed}`;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new UsageError(`"${typed}" is not an address of a Buoy.`, 'Write it as https://buoy.example');
  return url.origin;
}
