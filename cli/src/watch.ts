// --watch: repeats a command until Ctrl-C.
import { type Context, type Flags, isSet, type OptionSpec, UsageError } from './command.ts';
import { isFinal } from './follow-stream.ts';

export const watchOption = {
  type: 'boolean',
  summary: 'Refresh every 2 seconds, until Ctrl-C',
} as const satisfies OptionSpec;

export const POLL_INTERVAL_MS = 2_000;

/**
 * Runs `show` once, or with --watch repeatedly until Ctrl-C, on a cleared terminal. After a first success, temporary failures
 * are retried.
 */
export async function watched(context: Context & Flags<'watch'>, show: () => Promise<void>): Promise<void> {
  const { terminal, output } = context;
  if (!isSet(context, 'watch')) return show();
  if (output.json) throw new UsageError('--watch and --json do not go together.');
  for (let hasWorked = false; !terminal.signal.aborted; ) {
    output.clearScreen();
    try {
      await show();
      hasWorked = true;
    } catch (error) {
      if (terminal.signal.aborted) return;
      if (!hasWorked || isFinal(error)) throw error;
      output.note(
        output.colour('yellow', `buoy: ${error instanceof Error ? error.message : error} Trying again.`),
      );
    }
    await terminal.pause(POLL_INTERVAL_MS, terminal.signal);
  }
}
