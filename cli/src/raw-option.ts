// --raw: prints program output and file content unfiltered, on terminals too.
import type { OptionSpec } from './command.ts';

/** run.ts reads it for every command that has it. */
export const rawOption = {
  type: 'boolean',
  summary: 'Do not filter control characters when writing to a terminal',
} as const satisfies OptionSpec;
