import type { Rollout, RolloutServer } from '@buoy/contract';
import { rolloutStatuses } from '@buoy/contract/constants';
import { describe, expect, it } from 'vitest';
import { actsFor, phaseOf, progressOf } from './rollout-state.ts';

type Status = RolloutServer['status'];

const wave = (...statuses: Status[]): RolloutServer[] =>
  statuses.map((status, index) => ({
    serverId: `srv_${index}`,
    name: `web-${index}`,
    from: '2026.9.5',
    to: '2026.9.6',
    status,
    taskId: null,
    error: null,
  }));

describe('rollout progress', () => {
  it('counts rolled back servers as failed', () => {
    const waves = [wave('updated'), wave('failed', 'rolled_back', 'skipped', 'pending')];
    expect(progressOf({ waves })).toEqual({ updated: 1, failed: 2, skipped: 1, all: 5 });
  });
});

describe('rollout actions', () => {
  const done = [wave('updated')];

  it.each<[Rollout['status'], Rollout['waves'], readonly string[]]>([
    ['planned', done, []],
    ['running', done, ['pause', 'cancel']],
    ['paused', done, ['resume', 'cancel']],
    ['paused', [wave('failed')], ['resume', 'skipFailed', 'cancel']],
    ['stopped', done, ['resume', 'cancel']],
    ['stopped', [wave('rolled_back')], ['resume', 'skipFailed', 'cancel']],
    ['stopped', [wave('failed', 'pending')], ['resume', 'skipFailed', 'cancel']],
    ['succeeded', done, []],
    ['cancelled', [wave('failed')], []],
  ])('of a rollout that is %s', (status, waves, acts) => {
    expect(actsFor({ status, waves })).toEqual(acts);
  });
});

describe('rollout phase', () => {
  it.each<[Rollout['status'], string]>([
    ['planned', 'moving'],
    ['running', 'moving'],
    ['paused', 'waiting'],
    ['stopped', 'waiting'],
    ['succeeded', 'ended'],
    ['cancelled', 'ended'],
  ])('a rollout that is %s is %s', (status, phase) => {
    expect(phaseOf({ status, waves: [wave('updated', 'pending')] })).toBe(phase);
  });

  it.each(rolloutStatuses)('is moving while an update runs, also when it is %s', (status) => {
    expect(phaseOf({ status, waves: [wave('updated'), wave('running')] })).toBe('moving');
  });
});
