// Makes several servers as a file describes them; the parts of it are loaded only for this command, so that others start faster.
import { type Command, command, textOption, UsageError } from '../command.ts';
import { yesOption } from '../confirm.ts';

export const setupApplyCommands: readonly Command[] = [
  command({
    name: 'setup apply',
    summary:
      'Add servers from a YAML file and set them up; shows the plan first, leaves what is as described, removes nothing',
    options: {
      file: {
        type: 'string',
        short: 'f',
        value: 'FILE',
        summary:
          'YAML or JSON file that describes the servers, - for standard input; never holds secrets itself',
      },
      'dry-run': { type: 'boolean', summary: 'Show the plan and do nothing' },
      yes: yesOption,
    },
    async run(context) {
      const file = textOption(context, 'file');
      if (file === undefined || file === '')
        throw new UsageError('Which file? Give -f FILE.', 'Its form: docs/setup.md');
      const { applyFile } = await import('./setup-apply/apply.ts');
      return applyFile(context, file);
    },
  }),
];
