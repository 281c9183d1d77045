// Notifications as messages of the bot: https://core.telegram.org/bots/api#sendmessage
import { type Api, GrammyError } from 'grammy/web';
import { z } from 'zod';
import { apiSignal } from '../../telegram/api-signal.ts';
import { buttonData } from '../../telegram/buttons.ts';
import { escapeHtml, inertHtml } from '../../telegram/html.ts';
import { cut, type Message, messageOf } from '../message.ts';
import { messageTexts } from '../message-texts.ts';
import { isSideNews, type Notification, type Sender, type SendResult } from '../sender.ts';

/** UTF-16 units of what a message shows; Telegram takes 4096: https://core.telegram.org/bots/api#sendmessage */
const MAX_SHOWN = 4_000;
/** What Telegram says of a message that its chat no longer has, or that is too old to be changed. */
const CANNOT_EDIT = ['message to edit not found', "message can't be edited", 'MESSAGE_ID_INVALID'];
/** Of a chat that no longer exists for the bot. With 403, it was blocked or put out. */
const NO_CHAT = ['chat not found', 'group chat was upgraded', 'PEER_ID_INVALID'];

const kept = z.object({ messageId: z.number().int() });

export function createTelegramSender(parts: {
  api: Pick<Api, 'sendMessage' | 'editMessageText'>;
  /** As for a message. */
  appUrl: string | null;
}): Sender<'telegram'> {
  const { api, appUrl } = parts;
  return async ({ chatId, threadId }, notification, { signal }) => {
    const message = messageOf(notification, appUrl);
    const text = htmlOf(message);
    const options = {
      parse_mode: 'HTML' as const,
      link_preview_options: { is_disabled: true },
      reply_markup: { inline_keyboard: buttonsOf(message, notification) },
    };
    const cancel = apiSignal(signal);

    /** False when there is no such message any more. */
    const edit = async (messageId: number): Promise<boolean> => {
      try {
        await api.editMessageText(chatId, messageId, text, options, cancel);
        return true;
      } catch (error) {
        if (says(error, ['message is not modified'])) return true;
        if (says(error, CANNOT_EDIT)) return false;
        throw error;
      }
    };

    try {
      const isChange = notification.kind !== 'firing' && notification.kind !== 'reminder';
      const earlier = isChange ? messageIdIn(notification) : null;
      if (earlier !== null && (await edit(earlier))) return { outcome: 'sent' };
      if (isSideNews(notification.kind)) return { outcome: 'skipped' };
      const topic = threadId === null ? {} : { message_thread_id: threadId };
      const sent = await api.sendMessage(chatId, text, { ...options, ...topic }, cancel);
      return { outcome: 'sent', message: JSON.stringify({ messageId: sent.message_id }) };
    } catch (error) {
      signal.throwIfAborted();
      return failureOf(error);
    }
  };
}

function messageIdIn({ message }: Notification): number | null {
  return message === null ? null : (kept.safeParse(JSON.parse(message)).data?.messageId ?? null);
}

function buttonsOf({ url, open }: Message, { kind, alerts: [told], language }: Notification) {
  const texts = messageTexts[language];
  const isOne = kind !== 'summary' && told !== undefined && told.alert.resolvedAt === null;
  const { id, status } = told?.alert ?? { id: '', status: '' };
  const actions = [
    { text: texts.repair, callback_data: buttonData(['repair', told?.server.id ?? '']) },
    ...(status === 'acknowledged' ? [] : [{ text: texts.ack, callback_data: buttonData(['ack', id]) }]),
    ...(status === 'snoozed' ? [] : [{ text: texts.snooze, callback_data: buttonData(['snooze', id]) }]),
  ];
  return [...(isOne ? [actions] : []), ...(url === null ? [] : [[{ text: open, url }]])];
}

function htmlOf({ title, lines, evidence }: Message): string {
  const shown = cut(lines.join('\n'), MAX_SHOWN - title.length - evidence.length).split('\n');
  const block = evidence === '' ? [] : [`<pre>${escapeHtml(evidence)}</pre>`];
  // Names and causes are words of servers: a link in them would look like one of Buoy.
  return [inertHtml(title, 'b'), ...shown.map((line) => inertHtml(line)), ...block].join('\n');
}

function says(error: unknown, descriptions: readonly string[]): boolean {
  return (
    error instanceof GrammyError &&
    descriptions.some((text) => error.description.toLowerCase().includes(text.toLowerCase()))
  );
}

function failureOf(error: unknown): SendResult {
  // An error of the connection has the token of the bot in its address.
  if (!(error instanceof GrammyError)) return { outcome: 'failed', error: 'Telegram did not answer.' };
  const told = { error: `Telegram refused it: ${error.description}` };
  if (error.error_code === 403 || says(error, NO_CHAT)) return { outcome: 'blocked', ...told };
  if (error.error_code === 400) return { outcome: 'refused', ...told };
  const { retry_after: retryAfterS } = error.parameters;
  return {
    outcome: 'failed',
    ...told,
    ...(retryAfterS === undefined ? {} : { afterMs: retryAfterS * 1000 }),
  };
}
