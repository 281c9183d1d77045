import { expect, it } from 'vitest';
import { emptyPolicyDraft, policyDraftOf, policyRequestOf, withDay } from './policy-draft.ts';

const window = { days: ['mon' as const], start: '01:00', end: '03:00', timezone: 'Asia/Tokyo' };

it('pins nothing and has no window by default', () => {
  expect(policyRequestOf(emptyPolicyDraft('Europe/Berlin'))).toEqual({ pinned: null, window: null });
});

it('sends a policy as it was read', () => {
  for (const policy of [
    { pinned: '2026.9.1', window },
    { pinned: null, window },
    { pinned: '2026.9.1', window: null },
  ])
    expect(policyRequestOf(policyDraftOf({ tag: 'prod', ...policy }, 'UTC'))).toEqual(policy);
});

it('sends the version without spaces around it', () => {
  const draft = { ...emptyPolicyDraft('UTC'), pinned: ' 2026.9.1 ' };
  expect(policyRequestOf(draft).pinned).toBe('2026.9.1');
});

it('offers a window in the zone of the device', () => {
  const draft = { ...emptyPolicyDraft('Europe/Berlin'), hasWindow: true };
  expect(policyRequestOf(draft).window).toMatchObject({ days: ['sat', 'sun'], timezone: 'Europe/Berlin' });
});

it('keeps the order of the days', () => {
  expect(withDay(['wed', 'sun'], 'mon', true)).toEqual(['mon', 'wed', 'sun']);
  expect(withDay(['mon', 'wed'], 'wed', false)).toEqual(['mon']);
});
