// Checks the initData that Telegram hands to a Mini App.
// Source: https://core.telegram.org/bots/webapps#validating-data-received-via-the-mini-app
import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { AppError } from '../lib/app-error.ts';

const telegramUser = z.object({
  id: z.number().int().positive(),
  first_name: z.string().max(256).optional(),
  last_name: z.string().max(256).optional(),
  username: z.string().max(64).optional(),
  language_code: z.string().max(35).optional(),
  photo_url: z.string().max(2048).optional(),
});
export type TelegramUser = z.output<typeof telegramUser>;

export type InitData = { user: TelegramUser; hash: string; authDateMs: number };

/** A login must be fresh: the longest age of initData, and how far a phone's clock may run ahead. */
const MAX_AGE_MS = 3_600_000;
const MAX_AHEAD_MS = 60_000;
/** Its use is remembered a little longer than it is taken, for clocks that differ. */
const MEMORY_MS = MAX_AGE_MS + 300_000;

/** Until when it must be remembered that initData was used which Telegram signed at that time. */
export const initDataMemoryEndsMs = (authDateMs: number): number => authDateMs + MEMORY_MS;

/**
 * @param raw the query string as Telegram's client gives it
 * @param nowMs milliseconds since the epoch
 * @throws AppError `invalid_request` when it is no initData, `sign_in_failed` when it is forged, too old, or from the future
 */
export function checkInitData(raw: string, botToken: string, nowMs: number): InitData {
  const fields = new URLSearchParams(raw);
  const keys = [...fields.keys()];
  if (new Set(keys).size !== keys.length) throw malformed('names a field twice');
  const hash = fields.get('hash');
  const authDate = fields.get('auth_date');
  if (hash === null || !/^[0-9a-f]{64}$/.test(hash)) throw malformed('has no hash of 64 hexadecimal digits');
  if (authDate === null || !/^\d{1,12}$/.test(authDate)) throw malformed('has no auth_date');

  const checkString = [...fields]
    .filter(([key]) => key !== 'hash')
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join('\n');
  const secret = createHmac('sha256', 'WebAppData').update(botToken).digest();
  const expected = createHmac('sha256', secret).update(checkString).digest();
  if (!timingSafeEqual(expected, Buffer.from(hash, 'hex')))
    throw new AppError('sign_in_failed', 'Telegram did not sign this sign-in for the bot of this Buoy.', {
      hint: 'Open the app from the bot of this installation.',
    });

  const authDateMs = Number(authDate) * 1000;
  if (nowMs - authDateMs > MAX_AGE_MS)
    throw new AppError('sign_in_failed', 'This sign-in is older than an hour.', {
      hint: 'Close the app in Telegram and open it again.',
    });
  if (authDateMs - nowMs > MAX_AHEAD_MS)
    throw new AppError('sign_in_failed', 'This sign-in is dated in the future.', {
      hint: 'Check the clock of the machine that Buoy runs on.',
    });
  return { user: parseUser(fields.get('user')), hash, authDateMs };
}

function parseUser(text: string | null): TelegramUser {
  try {
    return telegramUser.parse(JSON.parse(text ?? ''));
  } catch {
    throw malformed('has no user');
  }
}

function malformed(what: string): AppError {
  return new AppError('invalid_request', `The initData ${what}.`, {
    details: [{ path: 'initData', message: what }],
  });
}
