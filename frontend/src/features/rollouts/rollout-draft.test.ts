import { expect, it } from 'vitest';
import { dryRunOf, emptyRolloutDraft, startOf, withChosen } from './rollout-draft.ts';

it('asks for the plan of the newest version by default', () => {
  expect(dryRunOf({ ...emptyRolloutDraft, serverIds: ['srv_1'] })).toEqual({
    serverIds: ['srv_1'],
    version: 'latest',
    canary: 1,
    waveSize: 5,
    pauseS: 60,
    dryRun: true,
  });
});

it('sends the typed numbers, and the version without spaces around it', () => {
  const draft = { serverIds: ['srv_1'], version: ' 2026.9.6 ', canary: '0', waveSize: '20', pauseS: '0' };
  expect(dryRunOf(draft)).toMatchObject({ version: '2026.9.6', canary: 0, waveSize: 20, pauseS: 0 });
});

it('chooses each server once, and leaves servers out', () => {
  expect(withChosen(['a', 'b'], ['b', 'c'], true)).toEqual(['a', 'b', 'c']);
  expect(withChosen(['a', 'b', 'c'], ['c', 'a', 'x'], false)).toEqual(['b']);
});

const planned = (...servers: Array<{ to: string; status?: 'pending' | 'skipped' }>) => ({
  version: '2026.9.6',
  waves: servers.map(({ to, status = 'pending' }, index) => [
    {
      serverId: `srv_${index}`,
      name: `${index}`,
      from: null,
      to,
      status,
      taskId: null,
      error: null,
    } as const,
  ]),
});

it('starts the version of the plan where all servers get it', () => {
  const body = dryRunOf({ ...emptyRolloutDraft, serverIds: ['srv_0'] });
  const plan = planned({ to: '2026.9.6' }, { to: '2026.8.1', status: 'skipped' });
  expect(startOf(plan, body)).toMatchObject({ version: '2026.9.6', dryRun: false, serverIds: ['srv_0'] });
});

it('starts what was asked for where servers have different pins', () => {
  const body = dryRunOf({ ...emptyRolloutDraft, serverIds: ['srv_0'] });
  const plan = planned({ to: '2026.9.6' }, { to: '2026.9.1' });
  expect(startOf(plan, body)).toMatchObject({ version: 'latest', dryRun: false });
});
