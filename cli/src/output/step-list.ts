// Progress of a task's steps: a list redrawn in place on a terminal, otherwise one line per change.
import type { TaskStep } from '@buoy/contract';
import type { Output } from './output.ts';
import { cleanLine } from './terminal-text.ts';
import { cut } from './text-width.ts';

export type StepList = {
  /** Shows what is new in `steps`. */
  show(steps: readonly TaskStep[]): void;
};

/** @param inPlace redraws the list in place, which works only while nothing else is printed */
export function createStepList(output: Output, inPlace: boolean): StepList {
  const said = new Map<string, string>();
  let drawn = '';
  return {
    show(steps) {
      if (!inPlace) {
        for (const step of steps) {
          const line = lineOf(output, step, null);
          if (step.status === 'pending' || said.get(step.id) === line) continue;
          said.set(step.id, line);
          output.note(line);
        }
        return;
      }
      const list = steps.map((step) => `${lineOf(output, step, output.columns)}\n`).join('');
      if (list === drawn) return;
      const height = drawn.split('\n').length - 1;
      output.eraseNotes(height);
      for (const line of list.split('\n').slice(0, -1)) output.note(line);
      drawn = list;
    },
  };
}

const marks: Record<TaskStep['status'], string> = {
  pending: ' ',
  running: '…',
  succeeded: '✓',
  failed: '✗',
  skipped: '-',
  cancelled: '-',
};

/** @param columns width to cut to, since a wrapped line could not be redrawn; null does not cut */
function lineOf(output: Output, step: TaskStep, columns: number | null): string {
  const { status, title, detail, startedAt, finishedAt } = step;
  const took =
    startedAt !== null && finishedAt !== null
      ? ` ${((Date.parse(finishedAt) - Date.parse(startedAt)) / 1000).toFixed(1)} s`
      : '';
  const mark = status === 'failed' ? output.colour('red', marks.failed) : marks[status];
  const text = cleanLine(`${title}${detail === null ? '' : `: ${detail}`}`).replace(/\s+/g, ' ');
  const shown = columns === null ? text : cut(text, columns - took.length - 3);
  return `${mark} ${shown}${took === '' ? '' : output.colour('dim', took)}`;
}
