#!/usr/bin/env node
// The entry of the command `buoy`.
import { cleanText } from './output/terminal-text.ts';
import { run } from './run.ts';
import { systemTerminal } from './terminal.ts';

try {
  process.exitCode = await run(process.argv.slice(2), systemTerminal());
} catch (error) {
  // Said here: what Node prints by itself is the whole of the one line that this bundle is.
  const what = cleanText(String(error instanceof Error ? error.stack : error));
  process.stderr.write(`buoy: internal error. ${what}\n`);
  process.exitCode = 1;
}
