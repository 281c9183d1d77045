// Waves of a rollout: who is the canary, and who has nothing to do.
import { describe, expect, test } from 'vitest';
import { planWaves } from './plan.ts';

const server = (name: string, version: string | null = '1.0.0', installed: boolean | null = true) => ({
  id: `srv_${name}`,
  name,
  openclaw: { installed, version },
});
const namesIn = (waves: ReturnType<typeof planWaves>) => waves.map((wave) => wave.map(({ name }) => name));
const seven = ['g', 'f', 'e', 'd', 'c', 'b', 'a'].map((name) => server(name));

describe('planWaves', () => {
  test('takes the canary first, then waves of the given size, by name', () => {
    expect(namesIn(planWaves(seven, { to: () => '2.0.0', canary: 1, waveSize: 4 }))).toEqual([
      ['a'],
      ['b', 'c', 'd', 'e'],
      ['f', 'g'],
    ]);
  });

  test('has no canary where none is wanted, and one wave where all fit', () => {
    expect(namesIn(planWaves(seven, { to: () => '2.0.0', canary: 0, waveSize: 100 }))).toEqual([
      ['a', 'b', 'c', 'd', 'e', 'f', 'g'],
    ]);
    expect(namesIn(planWaves(seven, { to: () => '2.0.0', canary: 9, waveSize: 1 }))).toEqual([
      ['a', 'b', 'c', 'd', 'e', 'f', 'g'],
    ]);
  });

  test('makes no server the canary that has the version already or no OpenClaw', () => {
    const servers = [server('a', '2.0.0'), server('b', null, false), server('c', null, null), server('d')];
    const waves = planWaves(servers, { to: () => '2.0.0', canary: 1, waveSize: 1 });
    expect(waves).toMatchObject([
      [{ name: 'c', from: null, to: '2.0.0', status: 'pending', error: null }],
      [
        { name: 'd', from: '1.0.0', status: 'pending' },
        { name: 'a', status: 'skipped', error: { message: 'OpenClaw 2.0.0 is installed already.' } },
        { name: 'b', status: 'skipped', error: { code: 'openclaw_missing' } },
      ],
    ]);
  });

  test('is one wave of skipped servers where nothing is to do', () => {
    expect(planWaves([server('a', '2.0.0')], { to: () => '2.0.0', canary: 1, waveSize: 5 })).toMatchObject([
      [{ name: 'a', status: 'skipped' }],
    ]);
  });
});
