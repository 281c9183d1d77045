// Shows which scripts a task would run on a server, without its secrets.
import type { ScriptPreview, TaskType } from '@buoy/contract';
import type { TaskKind } from '../tasks/task-kind.ts';

/** @param input as the task takes it */
export type PreviewScripts = (type: TaskType, input: unknown) => ScriptPreview[];

export function createPreviewScripts(kinds: readonly TaskKind[]): PreviewScripts {
  return (type, input) => {
    const kind = kinds.find((one) => one.type === type);
    if (kind === undefined) throw new Error(`There is no task kind "${type}".`);
    const parsed = kind.inputSchema.parse(input);
    return kind.steps.flatMap(({ id, title, preview }) =>
      preview === undefined ? [] : [{ stepId: id, title, script: preview(parsed) }],
    );
  };
}
