// The version of an update under pins of several tags.
import { describe, expect, test } from 'vitest';
import { AppError } from '../lib/app-error.ts';
import { neverOpen, pinnedVersion, type ServerPolicies, targetUnder } from './policies-of-server.ts';

const pinnedBy = (...pins: Array<[tag: string, version: string]>): ServerPolicies => ({
  pins: pins.map(([tag, version]) => ({ tag, version })),
  windows: [],
});
const free = pinnedBy();
const pinned = pinnedBy(['prod', '2026.9.1']);
const agreed = pinnedBy(['eu', '2026.9.1'], ['prod', '2026.9.1']);
const divided = pinnedBy(['eu', '2026.9.1'], ['prod', '2026.9.6']);

function refusalOf(decide: () => unknown): AppError {
  try {
    decide();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  return expect.unreachable();
}

describe('the version of an update', () => {
  test('is the one that was asked for where nothing is pinned', () => {
    expect([targetUnder(free, 'latest'), targetUnder(free, '2026.9.6')]).toEqual(['latest', '2026.9.6']);
    expect(pinnedVersion(free)).toBeNull();
  });

  test('is the pin in place of the latest, also where several tags agree on it', () => {
    for (const policies of [pinned, agreed]) {
      expect(targetUnder(policies, 'latest')).toBe('2026.9.1');
      expect(targetUnder(policies, '2026.9.1')).toBe('2026.9.1');
      expect(pinnedVersion(policies)).toBe('2026.9.1');
    }
  });

  test('is no other than the pin, and the refusal names the tags', () => {
    expect(refusalOf(() => targetUnder(pinned, '2026.9.6'))).toMatchObject({
      code: 'conflict',
      message: 'OpenClaw is pinned to 2026.9.1 on this server by the tag "prod".',
    });
    expect(refusalOf(() => targetUnder(agreed, '2026.9.6')).message).toBe(
      'OpenClaw is pinned to 2026.9.1 on this server by the tags "eu" and "prod".',
    );
  });

  test('is refused where tags pin different versions, whichever is asked for', () => {
    for (const wanted of ['latest', '2026.9.1', '2026.9.6'])
      expect(refusalOf(() => targetUnder(divided, wanted))).toMatchObject({
        code: 'conflict',
        message:
          'Tags of this server pin OpenClaw to different versions: "eu" to 2026.9.1 and "prod" to 2026.9.6.',
      });
    expect(pinnedVersion(divided)).toBeNull();
  });

  test('names four of many tags in a refusal', () => {
    const many = pinnedBy(
      ...Array.from({ length: 20 }, (_, index): [string, string] => [`t${index}`, '1.0.0']),
    );
    expect(refusalOf(() => targetUnder(many, '2.0.0')).message).toMatch(
      /by the tags "t0", "t1", "t2", "t3" and 16 more\.$/,
    );
  });
});

test('windows without a common time are named by their tags', () => {
  const window = { days: ['mon' as const], start: '01:00', end: '02:00', timezone: 'UTC' };
  const windows = ['eu', 'prod', 'web'].map((tag) => ({ tag, window }));
  expect(neverOpen({ pins: [], windows }).message).toBe(
    'The update windows of the tags "eu", "prod" and "web" are not open at the same time within the next three weeks.',
  );
});
