// Addresses that jobs report to. Whoever knows the whole one may post there, so readers see where it leads and no more.
import { AppError } from '../../lib/app-error.ts';
import { redactText } from '../../lib/redact.ts';

const HIDDEN = '***';

/** What is no address of the web, such as the id of a chat, stays but for secrets that are known as such. */
export function shownAddress(to: string): string {
  if (!/^https?:/i.test(to) || !URL.canParse(to)) return redactText(to);
  const { protocol, username, password, host, pathname, search, hash } = new URL(to);
  const login = username === '' && password === '' ? '' : `${HIDDEN}@`;
  const path = pathname === '/' && search === '' && hash === '' ? '' : HIDDEN;
  return `${protocol}//${login}${host}/${path}`;
}

/**
 * The address for OpenClaw: one that comes back as it was shown is the one that is there.
 * @throws AppError `invalid_request` for one whose hidden part nobody has entered
 */
export function addressFor(wanted: string, before: string | null | undefined): string {
  if (before != null && wanted === shownAddress(before)) return before;
  if (!wanted.includes(HIDDEN)) return wanted;
  const message = `Enter the whole address: "${HIDDEN}" stands for a part that is not shown.`;
  throw new AppError('invalid_request', message, { details: [{ path: 'delivery.to', message }] });
}
