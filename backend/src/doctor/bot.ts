// Checks that Telegram knows the sign-in bot.
import { z } from 'zod';
import { textWithin } from '../lib/text-within.ts';
import { type CheckResult, ok, problem } from './check-result.ts';

const BOT_API = 'https://api.telegram.org';
const DEADLINE_MS = 10_000;
/** Bytes; the answer about a bot is a few hundred. */
const MAX_ANSWER = 65_536;
const botAnswer = z.object({ ok: z.literal(true), result: z.object({ username: z.string() }) });

/** The token is in the address that is asked: no error of the request is shown. @param api where Telegram's Bot API is */
export async function checkBot(token: string | null, api = BOT_API): Promise<CheckResult> {
  if (token === null)
    return {
      about: 'bot',
      state: 'not set up',
      says: 'TELEGRAM_BOT_TOKEN is not set; people sign in without Telegram.',
    };
  let text: string;
  let status: number;
  try {
    const response = await fetch(`${api}/bot${token}/getMe`, { signal: AbortSignal.timeout(DEADLINE_MS) });
    status = response.status;
    text = await textWithin(response, MAX_ANSWER);
  } catch {
    return problem(
      'bot',
      `${api} does not answer.`,
      'Allow this machine to reach it. Sign-in through the Mini App works without it.',
    );
  }
  const parsed = status === 200 ? botAnswer.safeParse(JSON.parse(text)) : null;
  if (parsed?.success === true) return ok('bot', `Telegram knows it as @${parsed.data.result.username}.`);
  return problem(
    'bot',
    `Telegram rejects its token (HTTP ${status}).`,
    'Set TELEGRAM_BOT_TOKEN to the one that @BotFather shows.',
  );
}
