// The commands of the bot, and who has blocked it. They answer in private only: in a group, the servers of one person would be shown to all.
import { ApiError } from '@buoy/contract/client';
import type { Bot, CommandContext, Context } from 'grammy/web';
import { languageOf } from '../notify/send-to-channel.ts';
import { apiSignal } from '../telegram/api-signal.ts';
import { escapeHtml } from '../telegram/html.ts';
import { alertsAnswer, type Reader, refusalText, serversAnswer, shown, statusAnswer } from './answers.ts';
import { say, untilAnswered } from './ask.ts';
import { botTexts } from './bot-texts.ts';
import type { BotTools } from './bot-tools.ts';
import { errorFields } from './error-fields.ts';
import { findQuestion } from './find-question.ts';

/** UTF-16 units of a message, below Telegram's 4096: https://core.telegram.org/bots/api#sendmessage */
const MAX_MESSAGE = 4_000;

export function registerCommands(bot: Bot, tools: BotTools): void {
  const { appUrl, clientAs, channels, clock, logger, signal } = tools;

  const textsOf = ({ from }: Context) => botTexts[languageOf(from?.language_code ?? null)];
  const openButton = (context: Context) =>
    appUrl === null ? [] : [[{ text: textsOf(context).openApp, web_app: { url: appUrl } }]];

  const reply = (context: Context, html: string) =>
    context.reply(
      cutLines(html),
      {
        ...{ parse_mode: 'HTML', link_preview_options: { is_disabled: true } },
        reply_markup: { inline_keyboard: openButton(context) },
      },
      apiSignal(signal),
    );

  /** Answers as the person who writes: also what they may not do is told to them. */
  const asPerson =
    (answer: (reader: Reader, args: string) => Promise<string>) =>
    async (context: CommandContext<Context>): Promise<void> => {
      const userId = String(context.from?.id);
      const language = languageOf(context.from?.language_code ?? null);
      const html = await clientAs(userId, (api) => answer({ api, language }, context.match.trim())).catch(
        refusalText,
      );
      await reply(context, html);
    };

  // Whoever writes to the bot in private is told there.
  bot.chatType('private').on('message', async (context, next) => {
    await clientAs(String(context.from.id), async (api) => {
      const { user } = await api('GET /me');
      await channels.openPrivateChat(user);
    }).catch((error: unknown) => {
      if (!(error instanceof ApiError)) logger.warn(errorFields(error), 'could not open the private chat');
    });
    await next();
  });

  bot.command('myid', async (context) => {
    const { from, chat, msg } = context;
    if (from === undefined) return;
    const texts = textsOf(context);
    const lines = [
      texts.yourId(String(from.id)),
      ...(chat.type === 'private' ? [] : [texts.chatId(String(chat.id))]),
      ...(msg.message_thread_id === undefined ? [] : [texts.topicId(msg.message_thread_id)]),
    ];
    const topic = msg.message_thread_id === undefined ? {} : { message_thread_id: msg.message_thread_id };
    await context.reply(lines.join('\n'), topic, apiSignal(signal));
  });

  const privately = bot.chatType('private');

  privately.command('start', async (context) => {
    const texts = textsOf(context);
    const isKnown = await clientAs(String(context.from.id), (api) => api('GET /me')).then(
      () => true,
      () => false,
    );
    const lines = [
      texts.welcome(context.from.first_name),
      ...(isKnown ? [] : [texts.signInFirst]),
      texts.yourId(String(context.from.id)),
    ];
    await reply(context, lines.map((line) => shown(line)).join('\n'));
  });

  privately.command('help', async (context) => {
    const lines = textsOf(context).help.map(([command, text]) => `/${command} – ${text}`);
    await reply(context, lines.map(escapeHtml).join('\n'));
  });

  privately.command('servers', asPerson(serversAnswer));
  privately.command('status', asPerson(statusAnswer));
  privately.command('alerts', asPerson(alertsAnswer));

  privately.command('ask', async (context) => {
    const texts = textsOf(context);
    const language = languageOf(context.from.language_code ?? null);
    const userId = String(context.from.id);
    await clientAs(userId, async (api) => {
      const question = await findQuestion({ api, language, userId }, context.match);
      if ('answer' in question) return reply(context, question.answer);
      await say(api, question);
      const { agent } = question;
      await reply(context, shown(texts.asked(agent.id, agent.server.name)));
      const answer = await untilAnswered(api, question, { clock, signal });
      if (answer === null) return reply(context, texts.stillWorking);
      // As plain text: an agent writes what it likes.
      const text = answer.text.trim() === '' ? texts.noAnswer : answer.text;
      return context.reply(
        text.slice(0, MAX_MESSAGE).toWellFormed(),
        { link_preview_options: { is_disabled: true } },
        apiSignal(signal),
      );
    }).catch((error: unknown) => reply(context, refusalText(error)));
  });

  privately.on('message:text', (context) => reply(context, shown(textsOf(context).unknown)));

  bot.on('my_chat_member', async ({ chat, myChatMember }) => {
    if (chat.type !== 'private') return;
    const { status } = myChatMember.new_chat_member;
    if (status === 'kicked') await channels.blockPrivateChat(String(chat.id));
  });
}

/** Whole lines only: a cut through a tag of HTML would be refused. */
function cutLines(html: string): string {
  if (html.length <= MAX_MESSAGE) return html;
  const kept = html.slice(0, MAX_MESSAGE);
  return `${kept.slice(0, kept.lastIndexOf('\n'))}\n…`;
}
