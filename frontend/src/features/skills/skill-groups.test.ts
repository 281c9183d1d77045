import type { Skill } from '@buoy/contract';
import { expect, it } from 'vitest';
import { filterSkills, groupSkills } from './skill-groups.ts';

const skill = (name: string, more: Partial<Skill> = {}): Skill => ({
  name,
  key: name,
  description: `About ${name}.`,
  source: 'bundled',
  emoji: null,
  homepage: null,
  enabled: true,
  eligible: true,
  blockedByAgent: false,
  missing: { bins: [], anyBins: [], env: [], config: [], os: [] },
  installable: [],
  removable: false,
  ...more,
});
const names = (skills: readonly Skill[]) => skills.map(({ name }) => name);
const all = [
  skill('zulu'),
  skill('off', { enabled: false, eligible: false }),
  skill('lacking', { eligible: false }),
  skill('alpha'),
  skill('mine', { source: 'managed', removable: true }),
];

it('groups added skills apart from bundled ones, which are grouped by state', () => {
  const { own, ready, lacking, off } = groupSkills(all);
  expect([own, ready, lacking, off].map(names)).toEqual([['mine'], ['alpha', 'zulu'], ['lacking'], ['off']]);
});

it('filters skills by state, and by words in name or description', () => {
  expect(names(filterSkills(all, { state: 'off', text: '' }))).toEqual(['off']);
  expect(names(filterSkills(all, { state: 'ready', text: ' ABOUT a' }))).toEqual(['alpha']);
  expect(filterSkills(all, { state: '', text: '' })).toHaveLength(5);
});
