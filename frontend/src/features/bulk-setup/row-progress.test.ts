import type { Server, ServerState, Task, TaskStatus } from '@buoy/contract';
import { describe, expect, it } from 'vitest';
import { serverRecord } from '../servers/testing/server-record.ts';
import { type BulkRow, rowOf } from './bulk-run.ts';
import { targetOf } from './bulk-targets.ts';
import { allRows, progressOf } from './row-progress.ts';

const server = (id: string, state: ServerState, change: Partial<Server> = {}) =>
  serverRecord({
    ...{ id, name: id, status: { ...serverRecord().status, state } },
    ...change,
  });
const step = (title: string, status: string) => ({ title, status });
const task = (serverId: string, status: TaskStatus, change: object = {}) =>
  ({
    ...{ id: `tsk_${serverId}`, type: 'setup', serverId, status, steps: [], progress: 0.4, error: null },
    createdAt: '2026-01-01T00:00:00.000Z',
    ...change,
  }) as unknown as Task;
const row = (change: Partial<BulkRow> = {}): BulkRow =>
  ({ ...rowOf(targetOf(server('a', 'unknown'))), ...change }) as BulkRow;
const refused = { code: 'ssh_auth', message: 'No.', hint: 'Check it.', isLogin: true };

describe('progress of a server', () => {
  it.each(['waiting', 'adding', 'testing', 'starting', 'present', 'stopped'] as const)(
    'is the stage %s before Buoy has its setup, whatever an earlier one came to',
    (stage) => {
      expect(progressOf(row({ stage, task: task('a', 'failed') }))).toMatchObject({
        ...{ state: stage, step: null, share: null, failure: null, taskId: null },
        isStartable: stage === 'stopped',
      });
    },
  );

  it('names the running step of its setup', () => {
    const steps = [
      step('Install Node', 'succeeded'),
      step('Install OpenClaw', 'running'),
      step('Done', 'pending'),
    ];
    const running = task('a', 'running', { steps });
    expect(progressOf(row({ stage: 'started', task: running }))).toEqual({
      ...{ state: 'running', step: { title: 'Install OpenClaw', number: 2, count: 3 }, share: 0.4 },
      ...{ failure: null, taskId: 'tsk_a', isStartable: false },
    });
  });

  it('names the step that failed, with cause and fix', () => {
    const error = { code: 'disk_full', message: 'The disk is full.', hint: 'Free 900 MB.' };
    const failed = task('a', 'failed', { steps: [step('Install Node', 'failed')], error });
    expect(progressOf(row({ stage: 'started', task: failed }))).toMatchObject({
      ...{ state: 'failed', step: { title: 'Install Node', number: 1, count: 1 }, share: null },
      ...{ failure: error, isStartable: true },
    });
  });

  it('is why it was refused, in place of an earlier setup', () => {
    const earlier = task('a', 'failed', { error: { code: 'busy', message: 'Busy.', hint: null } });
    expect(progressOf(row({ stage: 'failed', failure: refused, task: earlier }))).toMatchObject({
      ...{ state: 'failed', step: null, failure: refused, taskId: null, isStartable: true },
    });
  });

  it.each<[TaskStatus, boolean]>([
    ['queued', false],
    ['succeeded', false],
    ['cancelled', true],
    ['interrupted', true],
  ])('is that of its %s setup', (status, isStartable) => {
    expect(progressOf(row({ stage: 'started', task: task('a', status) }))).toMatchObject({
      ...{ state: status, isStartable },
    });
  });
});

describe('rows of the table', () => {
  const namesOf = (servers: Server[], tasks: Task[] = [], rows: BulkRow[] = []) =>
    allRows(rows, servers, new Map(tasks.map((one) => [one.serverId ?? '', one])), '1').map(
      (one) => `${one.name} ${progressOf(one).state}`,
    );

  it('are found again without a run: own servers without OpenClaw, and unfinished setups', () => {
    const servers = [
      ...[server('bare', 'not_set_up'), server('busy', 'unknown'), server('broken', 'down')],
      ...[server('healthy', 'up'), server('mended', 'up'), server('away', 'unreachable')],
    ];
    const tasks = [task('busy', 'running'), task('broken', 'failed'), task('mended', 'failed')];
    expect(namesOf(servers, tasks)).toEqual(['bare not_set_up', 'busy running', 'broken failed']);
  });

  it('have no server of someone else', () => {
    const theirs = { owner: { id: '2', name: 'Berta', givenBy: null } };
    expect(
      namesOf([server('theirs', 'not_set_up', theirs), server('viewed', 'not_set_up', { owner: null })]),
    ).toEqual([]);
  });

  it('have no server that someone gave the person: the giver may still be an admin of it', () => {
    const given = { owner: { id: '1', name: 'Anna', givenBy: '2' } };
    expect(namesOf([server('given', 'not_set_up', given)])).toEqual([]);
  });

  it('show another try before it was polled, and not the failed one before it', () => {
    const again = task('a', 'queued', { id: 'tsk_again', createdAt: '2026-01-01T00:05:00.000Z' });
    expect(
      namesOf([server('a', 'not_set_up')], [task('a', 'failed')], [row({ stage: 'started', task: again })]),
    ).toEqual(['a queued']);
  });

  it('begin with those of the run, each once and with its newest setup', () => {
    const started = row({ stage: 'started', task: task('a', 'queued') });
    expect(
      namesOf([server('a', 'not_set_up'), server('bare', 'not_set_up')], [task('a', 'running')], [started]),
    ).toEqual(['a running', 'bare not_set_up']);
  });
});
