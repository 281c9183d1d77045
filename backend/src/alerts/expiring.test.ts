// Certificates and sign-ins that expire.
import { defaultThresholds } from '@buoy/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expiringConditions } from './expiring.ts';

const DAY_MS = 86_400_000;
const now = Date.parse('2026-03-02T10:00:00.000Z');
const inDays = (days: number) => now + days * DAY_MS;
const signIn = (atMs: number | null) => ({ provider: 'anthropic', profile: 'anthropic:work', atMs });
const judged = (
  certificateEndsMs: number | null | undefined,
  signIns: ReturnType<typeof signIn>[] | null = [],
) => expiringConditions(certificateEndsMs, signIns, now, defaultThresholds);

test.each([
  [9.5, 'warning', 'expires in 9 days'],
  [2.5, 'critical', 'expires in 2 days'],
  [-1, 'critical', 'has expired'],
])('a certificate with %d days left is a %s', (days, severity, words) => {
  expect(judged(inDays(days)).active).toEqual([
    {
      ...{ type: 'expiring', subject: 'certificate', severity },
      cause: `The TLS certificate of the gateway ${words}. Renew it.`,
      evidence: `Valid until: ${new Date(inDays(days)).toISOString()}`,
    },
  ]);
});

test('a sign-in names provider and profile, also where it is not known when it expired', () => {
  expect(judged(null, [signIn(inDays(9)), signIn(null)]).active).toMatchObject([
    {
      ...{ subject: 'anthropic/anthropic:work', severity: 'critical', evidence: '' },
      cause:
        'The sign-in at the model provider "anthropic" (profile "anthropic:work") has expired. Sign in again, or set a new token.',
    },
    { severity: 'warning' },
  ]);
});

test('a gateway without a certificate has none that expires; one that cannot be read is undetermined', () => {
  const certificate = { type: 'expiring', subject: 'certificate' };
  expect(judged(null)).toEqual({ active: [], undetermined: [], over: [certificate] });
  expect(judged(undefined)).toEqual({ active: [], undetermined: [certificate], over: [] });
});

test('a certificate that was renewed is over, also while no sign-in can be read', () => {
  expect(judged(inDays(90), null)).toMatchObject({ active: [], over: [{ subject: 'certificate' }] });
  expect(judged(inDays(2), null).over).toEqual([]);
});

test('of many sign-ins, those that end first have an alert each, and one more counts the rest', () => {
  const many = Array.from({ length: 250 }, (_, index) => ({
    ...signIn(inDays(index / 100)),
    profile: `${index}`,
  }));
  const { active } = judged(null, many);
  expect(active).toHaveLength(101);
  expect(active[0]).toMatchObject({ subject: 'anthropic/0' });
  expect(active.at(-1)?.cause).toBe('And 150 more sign-ins expire soon.');
});

test('whatever end a server tells, there is a condition exactly within the days, and no time that is none', () => {
  fc.assert(
    fc.property(fc.integer({ min: -8.64e15, max: 9e15 }), (atMs) => {
      const { active } = judged(null, [signIn(atMs)]);
      expect(active).toHaveLength(atMs - now < 14 * DAY_MS ? 1 : 0);
      for (const { evidence } of active) expect(evidence).toMatch(/^Valid until: (\d{4}-.*Z|unknown)$/);
    }),
  );
});
