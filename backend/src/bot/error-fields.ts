// What the log may have of an error of the bot: grammY's own errors hold the whole context, and the token of the bot in it.
import { BotError, GrammyError } from 'grammy/web';

export function errorFields(error: unknown): object {
  const cause = error instanceof BotError ? error.error : error;
  if (cause instanceof GrammyError)
    return { method: cause.method, errorCode: cause.error_code, description: cause.description };
  // Not what an HttpError was caused by: that may name the address of the call, with the token in it.
  return cause instanceof Error ? { error: `${cause.name}: ${cause.message}` } : { error: typeof cause };
}
