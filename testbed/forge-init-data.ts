// Makes the initData that Telegram would hand to a Mini App, signed for a bot token of the test's own.
// Source: https://core.telegram.org/bots/webapps#validating-data-received-via-the-mini-app
import { createHmac } from 'node:crypto';

/** The bot token of most tests; no such bot exists. */
export const BOT_TOKEN = '7000000001:test-token-of-no-bot-at-all-0000';

export type TelegramPerson = { id: number; first_name: string; username?: string };

/** @param authDateMs when Telegram signed it, milliseconds since the epoch */
export function forgeInitData(user: TelegramPerson, botToken: string, authDateMs = Date.now()): string {
  const fields = new URLSearchParams({
    auth_date: String(Math.floor(authDateMs / 1000)),
    query_id: 'AAHdF6IQAAAAAN0XohDhrOrc',
    user: JSON.stringify(user),
    // For third parties; Buoy checks the hash, which covers this field too.
    signature: 'AA',
  });
  const checkString = [...fields]
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join('\n');
  const secret = createHmac('sha256', 'WebAppData').update(botToken).digest();
  fields.set('hash', createHmac('sha256', secret).update(checkString).digest('hex'));
  return fields.toString();
}
