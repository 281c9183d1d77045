// Who has sent an update, and whether it is meant for the bot.
import type { Update } from './read-updates.ts';

/** The one command that the bot answers in a group, where everybody reads its answers. */
export const GROUP_COMMAND = 'myid';

/** By the id that a person has in Telegram and in Buoy; null: no person. */
export function senderOf(update: Update): string | null {
  const from = (update.message ?? update.callback_query ?? update.my_chat_member)?.from;
  return from === undefined || from.is_bot ? null : String(from.id);
}

/** False for what people say to each other in a group. */
export function isAddressed({ message }: Update, username: string): boolean {
  if (message === undefined || message.chat.type === 'private') return true;
  const [, command, bot = username] = /^\/(\w+)(?:@(\w+))?/.exec(message.text ?? '') ?? [];
  return command === GROUP_COMMAND && bot.toLowerCase() === username.toLowerCase();
}
