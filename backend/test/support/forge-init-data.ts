// Makes initData as Telegram would: signed with the bot token of the test.
import { createHmac } from 'node:crypto';

export const BOT_TOKEN = '7000000001:test-token-of-no-bot-at-all-0000';

/** @param authDateMs when Telegram made it, milliseconds since the epoch */
export function forgeInitData(
  user: { id: number; first_name: string; username?: string },
  { botToken = BOT_TOKEN, authDateMs = Date.now() }: { botToken?: string; authDateMs?: number } = {},
): string {
  const fields = new URLSearchParams({
    auth_date: String(Math.floor(authDateMs / 1000)),
    query_id: `AAE${user.id}`,
    user: JSON.stringify(user),
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
