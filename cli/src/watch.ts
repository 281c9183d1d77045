// --watch: the same question again and again, until Ctrl-C.
import { type Context, isSet, type OptionSpec, UsageError } from './command.ts';

export const watchOption = {
  type: 'boolean',
  summary: 'Show it again every 2 seconds, until Ctrl-C',
} as const satisfies OptionSpec;

const EVERY_MS = 2_000;

/** Runs `show` once, or with --watch until Ctrl-C, on a cleared screen where a person looks. */
export async function watched(context: Context, show: () => Promise<void>): Promise<void> {
  const { terminal, output } = context;
  if (!isSet(context, 'watch')) return show();
  if (output.json) throw new UsageError('--watch and --json do not go together.');
  while (!terminal.signal.aborted) {
    if (terminal.isTty) terminal.out('\x1b[H\x1b[2J');
    await show();
    await terminal.pause(EVERY_MS, terminal.signal);
  }
}
