// The scripts of a setup: shown before they run, and sent back edited.
import type { Contract, ResponseOf } from '@buoy/contract';
import { type Context, type Given, isSet, type OptionSpec, textOption, UsageError } from '../command.ts';
import { readInput } from '../read-input.ts';

export const previewOption = {
  preview: { type: 'boolean', summary: 'Show the scripts that it would run on the server, and run nothing' },
} as const satisfies Record<string, OptionSpec>;

/** Of a single step. */
export const scriptOptions = {
  ...previewOption,
  script: {
    type: 'string',
    value: 'FILE',
    summary: 'Run this edited preview in place of the own script (- reads standard input)',
  },
} as const satisfies Record<string, OptionSpec>;

type Preview = ResponseOf<Contract['POST /servers/:id/setup/run/preview']>;

/** Shows the scripts when `--preview` was given; answers whether it was. Standard output of one script is the script alone, to be edited. */
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

/** The edited script, to be spread into the body of a step. */
export async function scriptIn(
  context: Context & Given<typeof scriptOptions>,
): Promise<{ script?: string }> {
  const file = textOption(context, 'script');
  if (file === undefined) return {};
  if (isSet(context, 'preview')) throw new UsageError('--preview and --script do not go together.');
  return { script: await readInput(context, file) };
}
