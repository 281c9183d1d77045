// Whether a person may have notifications sent to a group or channel of Telegram: only who runs it may.
import { type Api, GrammyError } from 'grammy/web';
import { AppError } from '../../lib/app-error.ts';
import { apiSignal } from '../../telegram/api-signal.ts';

/** Telegram's ids of people are digits; others have come to Buoy another way. */
const telegramId = /^\d{1,16}$/;
const RUNNING = ['creator', 'administrator'];

export function createChatCheck(api: Pick<Api, 'getChatMember'>) {
  /**
   * @throws AppError `forbidden` for a person who does not run the chat, `refused` where the bot is not in it, `unreachable` when Telegram
   * does not answer
   */
  return async (userId: string, chatId: string, signal: AbortSignal): Promise<void> => {
    if (!telegramId.test(userId)) throw notTheirs('Only somebody who signs in with Telegram can add a chat.');
    let status: string;
    try {
      ({ status } = await api.getChatMember(chatId, Number(userId), apiSignal(signal)));
    } catch (error) {
      if (!(error instanceof GrammyError))
        throw new AppError('unreachable', 'Telegram did not answer.', { hint: 'Try again in a minute.' });
      throw new AppError('refused', 'The bot does not know this chat, or you are not in it.', {
        hint: 'Add the bot to the group or channel, make it an administrator there, and try again.',
        details: { serverSays: error.description },
      });
    }
    if (!RUNNING.includes(status)) throw notTheirs('You are not an administrator of this chat.');
  };
}

function notTheirs(message: string): AppError {
  return new AppError('forbidden', message, {
    hint: 'Ask an administrator of the chat to add it to their own notification channels.',
  });
}
