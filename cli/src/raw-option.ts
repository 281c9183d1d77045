// --raw: the output of programs and the content of files as it is, also where a person sees it.
import type { OptionSpec } from './command.ts';

/** Read by run.ts for every command that takes it. */
export const rawOption = {
  type: 'boolean',
  summary: 'Do not filter control characters when writing to a terminal',
} as const satisfies OptionSpec;
