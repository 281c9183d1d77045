// Asks for confirmation before actions that cannot be undone.
import {
  type Args,
  arg,
  CommandError,
  type Context,
  type Flags,
  isSet,
  type OptionSpec,
  UsageError,
} from './command.ts';

export const yesOption = {
  type: 'boolean',
  summary: 'Do not ask for confirmation',
} as const satisfies OptionSpec;

/** @throws UsageError without a terminal and without --yes; CommandError when the answer is no */
export async function confirm(context: Context & Flags<'yes'>, question: string): Promise<void> {
  if (isSet(context, 'yes')) return;
  if (!context.terminal.canAsk)
    throw new UsageError(`${question} There is no terminal to ask on.`, 'Add --yes to go ahead.');
  const answer = await context.terminal.ask(`${question} [y/N] `);
  if (!isYes(answer)) throw new CommandError('Nothing was done.');
}

export function isYes(answer: string): boolean {
  return /^y(es)?$/i.test(answer.trim());
}

/**
 * Asks before a person gets rights who was not named by id, since people choose their own names.
 * @param word the argument that named them; `question` names them with their id. @throws as `confirm`
 */
export async function confirmNamed<N extends string>(
  context: Context & Args<NoInfer<N>> & Flags<'yes'>,
  { id, word, question }: { id: string; word: N; question: string },
): Promise<void> {
  if (arg(context, word) !== id) await confirm(context, question);
}
