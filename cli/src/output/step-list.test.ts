// The steps of a task: redrawn in place on a terminal, one line per change in a pipe.
import type { TaskStep } from '@buoy/contract';
import { expect, test } from 'vitest';
import type { Terminal } from '../terminal.ts';
import { createOutput } from './output.ts';
import { createStepList } from './step-list.ts';

const step = (id: string, status: TaskStep['status'], more: Partial<TaskStep> = {}): TaskStep => ({
  id,
  title: `Step ${id}`,
  status,
  startedAt: status === 'pending' ? null : '2026-03-01T10:00:00.000Z',
  finishedAt: status === 'succeeded' ? '2026-03-01T10:00:01.500Z' : null,
  detail: null,
  outputTail: '',
  ...more,
});

function listOn(inPlace: boolean) {
  const printed: string[] = [];
  const terminal = {
    out: () => {},
    err: (text: string) => void printed.push(text),
    isTty: false,
    columns: 24,
    environment: {},
  } as unknown as Terminal;
  const list = createStepList(createOutput(terminal), inPlace);
  return {
    show(steps: TaskStep[]): string {
      printed.length = 0;
      list.show(steps);
      return printed.join('');
    },
  };
}

test('step list on a terminal redraws all steps in place, never wider than the terminal', () => {
  const { show } = listOn(true);
  expect(show([step('a', 'running'), step('b', 'pending')])).toBe('… Step a\n  Step b\n');
  expect(show([step('a', 'running'), step('b', 'pending')])).toBe('');
  const detail = 'a long tale\nof two lines';
  expect(show([step('a', 'succeeded', { detail }), step('b', 'running')])).toBe(
    '\x1b[2A\x1b[J✓ Step a: a long… 1.5 s\n… Step b\n',
  );
});

test('step list in a pipe prints a line when a step starts and when it ends', () => {
  const { show } = listOn(false);
  expect(show([step('a', 'running'), step('b', 'pending')])).toBe('… Step a\n');
  expect(show([step('a', 'running'), step('b', 'pending')])).toBe('');
  expect(show([step('a', 'succeeded'), step('b', 'failed', { detail: 'no disk' })])).toBe(
    '✓ Step a 1.5 s\n✗ Step b: no disk\n',
  );
});
