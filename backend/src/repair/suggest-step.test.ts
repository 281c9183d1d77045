// Which repair step comes first for a cause, and which one after a try that did not help.
import { type RepairStepId, repairSteps } from '@buoy/contract';
import { describe, expect, test } from 'vitest';
import type { GatewayProblem } from '../openclaw/openclaw.ts';
import { suggestStep, type TriedStep } from './suggest-step.ts';

const tried = (minute: number): TriedStep => ({
  taskId: 'tsk_1',
  at: `2026-03-01T10:${String(minute).padStart(2, '0')}:00.000Z`,
  message: 'The gateway did not start.',
});
const suggest = (
  kind: GatewayProblem['kind'],
  {
    impossible = [],
    after = [],
    isUpdateBroken = false,
    cause = null,
  }: {
    impossible?: RepairStepId[];
    after?: RepairStepId[];
    isUpdateBroken?: boolean;
    cause?: string | null;
  } = {},
) =>
  suggestStep({
    problem: { kind, cause, isRunning: false },
    isUpdateBroken,
    steps: repairSteps.map((id) => ({
      ...{ id, title: id, isPossible: !impossible.includes(id) },
      tried: after.includes(id) ? tried(after.indexOf(id)) : null,
    })),
  });

describe('the suggested repair step', () => {
  test.each<[GatewayProblem['kind'], RepairStepId]>([
    ['config', 'config-rollback'],
    ['start_limit', 'reset-failed'],
    ['other', 'restart'],
  ])('for the cause %s is %s', (kind, step) => {
    expect(suggest(kind).suggested).toBe(step);
  });

  test('after an update that failed and was not undone is the rollback of the version', () => {
    expect(suggest('config', { isUpdateBroken: true }).suggested).toBe('version-rollback');
  });

  test('of a gateway that works is none', () => {
    expect(suggest('none', { isUpdateBroken: true })).toEqual({
      suggested: null,
      reason: 'The gateway works.',
    });
  });

  test('names the cause from the log', () => {
    expect(suggest('config', { cause: 'Invalid config.' }).reason).toBe(
      'The gateway does not start with its config. Its log says: Invalid config.',
    );
  });

  test('climbs to the next one when the last did not help, and says why', () => {
    const after: RepairStepId[] = [];
    for (const next of ['restart', 'doctor', 'config-rollback', 'version-rollback'] as const) {
      expect(suggest('other', { after }).suggested).toBe(next);
      after.push(next);
    }
    expect(suggest('other', { after })).toEqual({
      suggested: null,
      reason:
        '“version-rollback” did not help: The gateway did not start. No other step is left. Read the log of the gateway.',
    });
  });

  test('is never one that cannot run', () => {
    expect(suggest('config', { impossible: ['config-rollback'] }).suggested).toBe('doctor');
    expect(suggest('other', { impossible: [...repairSteps] }).suggested).toBeNull();
  });
});
