// Runs a command on Buoy's machine to its exit code.
import { constants } from 'node:os';
import { inspect } from 'node:util';
import { printErrorLine } from '../lib/print-line.ts';

const EXIT_BUG = 1;
/** Ctrl-C, whoever ends the process, and a terminal that is closed. */
const STOPS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Ends the process with the exit code of `main`. What nobody foresaw is shown whole: a mistake in Buoy, with words of others perhaps. */
export async function runCommand(main: (words: string[]) => Promise<number>): Promise<void> {
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    for (const line of inspect(error).split('\n')) printErrorLine(line);
    process.exit(EXIT_BUG);
  }
}

/** Calls `stop` for each signal that ends a command, which else would leave behind the programs that it runs. */
export function onStop(stop: () => void): void {
  for (const signal of STOPS) process.on(signal, stop);
}

/** Ends the process, and with it the programs that it runs, for each signal that ends a command. */
export function exitOnStop(): void {
  // As shells tell it.
  for (const signal of STOPS) process.on(signal, () => process.exit(128 + constants.signals[signal]));
}
