// The scripts of a setup: shown before they run, and replaced by an edited text.
import type { Contract, ResponseOf } from '@buoy/contract';
import { MAX_SCRIPT_BYTES } from '@buoy/contract/constants';
import { type Context, type Given, isSet, type OptionSpec, textOption, UsageError } from '../command.ts';
import { readTextFile } from '../read-input.ts';

export const previewOption = {
  preview: { type: 'boolean', summary: 'Show the scripts that it would run on the server, and run nothing' },
} as const satisfies Record<string, OptionSpec>;

export const scriptOptions = {
  ...previewOption,
  script: {
    type: 'string',
    value: 'FILE',
    summary: 'Run the text of this file in place of the script that --preview shows',
  },
} as const satisfies Record<string, OptionSpec>;

/** The text of `--script`; undefined without it. @throws UsageError with `--preview`; CommandError when it cannot be read, or is too long */
export async function scriptIn(context: Context & Given<typeof scriptOptions>): Promise<string | undefined> {
  const file = textOption(context, 'script');
  if (file === undefined) return undefined;
  if (isSet(context, 'preview')) throw new UsageError('--script and --preview do not go together.');
  return readTextFile(file, { maxBytes: MAX_SCRIPT_BYTES, what: `The script ${file}` });
}

type Preview = ResponseOf<Contract['POST /servers/:id/setup/run/preview']>;

/** Shows the scripts when `--preview` was given; answers whether it was. One script is shown alone, so that it can be kept as a file. */
export async function showPreview(
  context: Context & Given<typeof previewOption>,
  ask: () => Promise<Preview>,
): Promise<boolean> {
  if (!isSet(context, 'preview')) return false;
  const { output } = context;
  const answer = await ask();
  const [first, ...others] = answer.scripts;
  output.result(answer, () => {
    if (first !== undefined && others.length === 0) return output.line(first.script);
    for (const { stepId, title, script } of answer.scripts) {
      output.line(output.colour('bold', `# ${stepId}: ${title}`));
      output.line(script);
      output.line('');
    }
  });
  return true;
}
