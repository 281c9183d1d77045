// The scripts of a setup, shown before they run.
import type { Contract, ResponseOf } from '@buoy/contract';
import { type Context, type Given, isSet, type OptionSpec } from '../command.ts';

export const previewOption = {
  preview: { type: 'boolean', summary: 'Show the scripts that it would run on the server, and run nothing' },
} as const satisfies Record<string, OptionSpec>;

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
