// Answers a press: Telegram takes one answer, within seconds. What is to be told later becomes a message.
import type { Context } from 'grammy/web';
import type { Clock } from '../lib/clock.ts';
import { cut } from '../notify/message.ts';
import { apiSignal } from '../telegram/api-signal.ts';

/** UTF-16 units of an answer: https://core.telegram.org/bots/api#answercallbackquery */
const MAX_ANSWER = 200;
/** Milliseconds after which a press is answered without words: Telegram's clients show a clock on the button, and give up. */
const SILENT_AFTER_MS = 5_000;

export type PressAnswer = {
  /** Answers without words. False when Telegram does not take it, as for an old press. */
  silent(): Promise<boolean>;
  /** A refusal has to be closed; what has been done shows in the message as well. */
  tell(text: string, isRefusal?: boolean): Promise<void>;
  /** Nothing is to be told any more. */
  end(): void;
};

export function createPressAnswer(
  context: Context,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): PressAnswer {
  const cancel = apiSignal(signal);
  let answered: Promise<boolean> | null = null;

  const answer = (words: { text?: string; show_alert?: boolean }): Promise<boolean> => {
    answered = context.answerCallbackQuery(words, cancel).then(
      () => true,
      () => false,
    );
    return answered;
  };
  const silent = () => answered ?? answer({});
  const stopTimer = clock.after(SILENT_AFTER_MS, () => void silent());

  return {
    silent,
    async tell(text, isRefusal = false) {
      stopTimer();
      const isLate = answered !== null;
      if (!isLate && (await answer({ text: cut(text, MAX_ANSWER), show_alert: isRefusal }))) return;
      if (!isRefusal) return;
      const { msg } = context;
      // So that it is in the same topic of a group.
      const reply_parameters = msg && { message_id: msg.message_id, allow_sending_without_reply: true };
      await context.reply(text, reply_parameters && { reply_parameters }, cancel);
    },
    end: stopTimer,
  };
}
