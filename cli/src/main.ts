#!/usr/bin/env node
// The entry point of the `buoy` command.
import { cleanText } from './output/terminal-text.ts';
import { run } from './run.ts';
import { systemTerminal } from './terminal.ts';

try {
  process.exitCode = await run(process.argv.slice(2), systemTerminal());
} catch (error) {
  // Reported here: Node itself would print the whole single line of the bundle.
  const what = cleanText(String(error instanceof Error ? error.stack : error));
  process.stderr.write(`buoy: internal error. ${what}\n`);
  process.exitCode = 1;
}
