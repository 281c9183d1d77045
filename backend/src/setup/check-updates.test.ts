// Versions of a server beside the newest ones and beside the pins of its owner.

import type { EffectivePolicy } from '@buoy/contract';
import { describe, expect, test } from 'vitest';
import { createFakeClock } from '../lib/testing/fake-clock.ts';
import { createCheckUpdates } from './check-updates.ts';

const free: EffectivePolicy = { pins: [], windowTags: [], isOpen: true, opensAt: null };

/** @param installed of OpenClaw; its newest version is 2026.9.6 */
async function openclawWith(installed: string | null, pinned: string | null, policy: EffectivePolicy) {
  const checkUpdates = createCheckUpdates({
    ssh: {
      script: async () => ({
        ...{ exitCode: 0, signal: null, stdout: 'node=v24.21.0\nend=1\n', stderr: '' },
        ...{ truncated: false, durationMs: 1 },
      }),
    },
    installations: { find: async () => ({ version: installed, nodePath: '/usr/bin/node' }) as never },
    newestVersions: async () => ({ openclaw: '2026.9.6', node: () => '24.21.0', npm: null }),
    updatePolicies: { effectiveOn: async () => ({ pinned, policy }) },
    clock: createFakeClock(),
  });
  const answer = await checkUpdates('srv_1', { signal: new AbortController().signal });
  expect(answer.policy).toEqual(policy);
  expect(answer.components.filter((one) => one.component !== 'openclaw').map((one) => one.pinned)).toEqual([
    null,
    null,
    null,
  ]);
  return answer.components[0];
}

/** @param engines what OpenClaw's package names; the newest versions of lines 24 and 26 are 24.22.0 and 26.3.0 */
async function newestNodeWith(current: string, engines: string) {
  const newest: Record<number, string> = { 24: '24.22.0', 26: '26.3.0' };
  const checkUpdates = createCheckUpdates({
    ssh: {
      script: async () => ({
        ...{ exitCode: 0, signal: null, stdout: `node=v${current}\nengines=${engines}\nend=1\n`, stderr: '' },
        ...{ truncated: false, durationMs: 1 },
      }),
    },
    installations: { find: async () => ({ version: '2026.9.6', nodePath: '/usr/bin/node' }) as never },
    newestVersions: async () => ({ openclaw: null, node: (line) => newest[line] ?? null, npm: null }),
    updatePolicies: { effectiveOn: async () => ({ pinned: null, policy: free }) },
    clock: createFakeClock(),
  });
  const { components } = await checkUpdates('srv_1', { signal: new AbortController().signal });
  return components.find(({ component }) => component === 'node');
}

describe('the newest Node of check-updates', () => {
  test.each([
    ['of the line that is there', '>=24.16.0 <25 || >=26.1.0', '24.22.0', true],
    ['of a line on which OpenClaw still runs', '>=26.1.0', '26.3.0', true],
    ['not known where OpenClaw runs on none of them', '>=40', null, null],
  ])('is %s', async (_what, engines, latest, behind) => {
    expect(await newestNodeWith('24.21.0', engines)).toMatchObject({ latest, behind });
  });
});

describe('check-updates', () => {
  test('compares with the newest version where nothing is pinned', async () => {
    expect(await openclawWith('2026.9.1', null, free)).toMatchObject({
      ...{ current: '2026.9.1', latest: '2026.9.6', behind: true, pinned: null },
    });
  });

  test.each([
    ['2026.8.3', true],
    ['2026.9.1', false],
    ['2026.9.6', false],
    [null, null],
  ])('with a pin to 2026.9.1, %j installed is behind: %j', async (installed, behind) => {
    const policy = { ...free, pins: [{ tag: 'prod', version: '2026.9.1' }] };
    expect(await openclawWith(installed, '2026.9.1', policy)).toMatchObject({
      ...{ latest: '2026.9.6', behind, pinned: '2026.9.1' },
    });
  });

  test('does not say whether it is behind where tags pin different versions', async () => {
    const pins = [
      { tag: 'eu', version: '2026.9.1' },
      { tag: 'prod', version: '2026.9.6' },
    ];
    expect(await openclawWith('2026.8.3', null, { ...free, pins })).toMatchObject({
      ...{ behind: null, pinned: null },
    });
  });
});
