// The commands of the bot, and who has blocked it. They answer in private only: in a group, the servers of one person would be shown to all.
import { ApiError } from '@buoy/contract/client';
import type { Bot, CommandContext, Context } from 'grammy/web';
import { languageOf } from '../notify/send-to-channel.ts';
import { apiSignal } from '../telegram/api-signal.ts';
import { escapeHtml } from '../telegram/html.ts';
import { GROUP_COMMAND } from './addressed.ts';
import { alertsAnswer, type Reader, refusalText, serversAnswer, shown, statusAnswer } from './answers.ts';
import { answerHtml, say, untilAnswered } from './ask.ts';
import { botTexts } from './bot-texts.ts';
import type { BotTools } from './bot-tools.ts';
import { errorFields } from './error-fields.ts';
import { findQuestion, type Question } from './find-question.ts';

/** UTF-16 units of a message, below Telegram's 4096: https://core.telegram.org/bots/api#sendmessage */
const MAX_MESSAGE = 4_000;

/** Milliseconds after which a message is not answered any more: whoever wrote it has gone another way. */
const MAX_AGE_MS = 2 * 60_000;

export function registerCommands(bot: Bot, tools: BotTools): void {
  const { appUrl, clientAs, channels, waits, mayBeOld, clock, logger, signal } = tools;

  const languageIn = ({ from }: Context) => languageOf(from?.language_code ?? null);
  const textsOf = (context: Context) => botTexts[languageIn(context)];
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
      const reader = { language: languageIn(context) };
      const html = await clientAs(
        String(context.from?.id),
        (api) => answer({ api, ...reader }, context.match.trim()),
        { signal },
      ).catch(refusalText);
      await reply(context, html);
    };

  // Whoever writes to the bot in private is told there.
  bot.chatType('private').on('message', async (context, next) => {
    const open = clientAs(
      String(context.from.id),
      async (api) => {
        const { user } = await api('GET /me');
        if (user.approved) await channels.openPrivateChat(user);
      },
      { signal },
    );
    await open.catch((error: unknown) => {
      if (!(error instanceof ApiError || signal.aborted))
        logger.warn(errorFields(error), 'could not open the private chat');
    });
    await next();
  });

  bot.on('message', async ({ update, message }, next) => {
    // The clock of Buoy may be wrong: it counts only for what may have waited at Telegram.
    const isOld = mayBeOld(update) && message.date * 1_000 < clock.now() - MAX_AGE_MS;
    if (!isOld) await next();
  });

  bot.command(GROUP_COMMAND, async (context) => {
    const { from, chat, msg } = context;
    if (from === undefined) return;
    const texts = textsOf(context);
    // In a group without topics, a thread is only a message and the replies to it.
    const topic = msg.is_topic_message === true ? msg.message_thread_id : undefined;
    const lines = [
      texts.yourId(String(from.id)),
      ...(chat.type === 'private' ? [] : [texts.chatId(String(chat.id))]),
      ...(topic === undefined ? [] : [texts.topicId(topic)]),
    ];
    const options = topic === undefined ? {} : { message_thread_id: topic };
    await context.reply(lines.join('\n'), options, apiSignal(signal));
  });

  const privately = bot.chatType('private');

  privately.command('start', async (context) => {
    const texts = textsOf(context);
    const isKnown = await clientAs(String(context.from.id), (api) => api('GET /me'), { signal }).then(
      () => true,
      () => false,
    );
    const lines = [
      shown(texts.welcome(context.from.first_name)),
      ...(isKnown ? [] : [texts.signInFirst]),
      texts.yourId(String(context.from.id)),
    ];
    await reply(context, lines.join('\n'));
  });

  privately.command('help', async (context) => {
    const lines = textsOf(context).help.map(([command, text]) => `/${command} – ${text}`);
    await reply(context, lines.map(escapeHtml).join('\n'));
  });

  privately.command('servers', asPerson(serversAnswer));
  privately.command('status', asPerson(statusAnswer));
  privately.command('alerts', asPerson(alertsAnswer));

  privately.command('ask', async (context) => {
    const { chat, msg } = context;
    const texts = textsOf(context);
    const language = languageIn(context);
    const userId = String(context.from.id);
    const answer = (question: Question) =>
      clientAs(userId, (api) => untilAnswered(api, question, { clock, signal }), { signal }).then(
        (text) =>
          text === null
            ? reply(context, texts.stillWorking)
            : context.reply(
                answerHtml(question, text, language),
                {
                  ...{ parse_mode: 'HTML', link_preview_options: { is_disabled: true } },
                  reply_parameters: { message_id: msg.message_id, allow_sending_without_reply: true },
                },
                apiSignal(signal),
              ),
        (error: unknown) => reply(context, refusalText(error)),
      );
    await clientAs(
      userId,
      async (api) => {
        const question = await findQuestion({ api, language, userId }, context.match);
        if ('answer' in question) return reply(context, question.answer);
        await say(api, question, `telegram-${chat.id}-${msg.message_id}`);
        const { agent } = question;
        await reply(context, shown(texts.asked(agent.id, agent.server.name)));
        if (!waits.begin(userId, async () => void (await answer(question))))
          return reply(context, texts.stillWorking);
      },
      { signal },
    ).catch((error: unknown) => reply(context, refusalText(error)));
  });

  privately.on('message:text', (context) => reply(context, textsOf(context).unknown));

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
