// When the memory of a gateway counts as leaking.
import { defaultThresholds } from '@buoy/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { growthConditions, type MemorySample } from './memory-growth.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const GIB = 1024 ** 3;
const now = Date.parse('2026-03-02T10:00:00.000Z');
const open = { active: [], undetermined: [{ type: 'memory_high', subject: 'growth' }] };
const none = { active: [], undetermined: [] };

/** A check every five minutes; `bytesAt` is given the hours since the first. */
const samples = (hours: number, bytesAt: (hour: number) => number): MemorySample[] =>
  Array.from({ length: hours * 12 + 1 }, (_, index) => ({
    atMs: now - hours * HOUR_MS + index * 5 * MINUTE_MS,
    rssBytes: bytesAt(index / 12),
  }));
const judged = (
  seen: readonly MemorySample[] | null,
  { uptimeH = 48, totalGib = 64, memoryGrowthShare = 0.5 } = {},
) =>
  growthConditions(
    {
      gateway: { uptimeS: uptimeH * 3_600 } as never,
      memory: { totalBytes: totalGib * GIB, availableBytes: GIB },
    },
    seen,
    now,
    { ...defaultThresholds, memoryGrowthShare },
  );

describe('a gateway that grows', () => {
  test('by more than half in a day is a warning that says leak, from what to what, and how fast', () => {
    const { active, undetermined } = judged(samples(20, (hour) => GIB * (1 + hour * 0.05)));
    expect(active).toEqual([
      {
        ...{ type: 'memory_high', subject: 'growth', severity: 'warning' },
        cause: 'The gateway probably has a memory leak: it grew from 1.0 GiB to 2.0 GiB within 20 hours.',
        evidence: [
          'Trend: 1.2 GiB (120 %) a day, over 241 checks',
          'Memory of the server: 64.0 GiB',
          'A restart of the gateway frees the memory for now.',
        ].join('\n'),
      },
    ]);
    expect(undetermined).toEqual([]);
  });

  test('slowly, but fills the memory of the server within a day, is one that says when', () => {
    const { active } = judged(
      samples(20, (hour) => GIB * (6 + hour * 0.05)),
      { totalGib: 8 },
    );
    expect(active[0]?.cause).toBe(
      'The gateway probably has a memory leak: it grew from 6.0 GiB to 7.0 GiB within 20 hours. At this rate it fills the memory of the server within 20 hours.',
    );
  });

  test('less than the threshold says nothing; just below it, an open alert stays open', () => {
    expect(judged(samples(20, (hour) => GIB * (1 + hour * 0.015)))).toEqual(none);
    expect(judged(samples(20, (hour) => GIB * (1 + hour * 0.019)))).toEqual(open);
    expect(
      judged(
        samples(20, (hour) => GIB * (1 + hour * 0.015)),
        { memoryGrowthShare: 0.3 },
      ).active,
    ).toHaveLength(1);
  });
});

describe('no leak', () => {
  test.each<[string, MemorySample[]]>([
    ['memory that stays', samples(20, () => GIB)],
    ['memory that shrinks', samples(20, (hour) => GIB * (3 - hour * 0.1))],
    ['a single jump', samples(20, (hour) => (hour < 10 ? GIB : 2 * GIB))],
    ['a saw of collections', samples(20, (hour) => GIB * (1 + (hour % 1) * 0.8 + hour * 0.003))],
  ])('is %s', (_, seen) => {
    expect(judged(seen)).toEqual(none);
  });

  test('is growth before a restart, nor that of the first hours after one', () => {
    const growing = samples(20, (hour) => GIB * (1 + hour * 0.05));
    expect(judged(growing, { uptimeH: 5 })).toEqual(none);
    expect(judged(growing, { uptimeH: 6.4 })).toEqual(none);
  });
});

describe('nothing can be said', () => {
  test.each<[string, MemorySample[] | null]>([
    ['without a history', null],
    ['with an empty one', []],
    ['with less than six hours', samples(5, (hour) => GIB * (1 + hour))],
    ['with a few checks', samples(20, (hour) => GIB * (1 + hour)).filter((_, index) => index % 30 === 0)],
  ])('%s: an open alert stays open', (_, seen) => {
    expect(judged(seen)).toEqual(open);
  });
});

test('every steady growth beyond the threshold fires, however noisy by a twentieth', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.03, max: 3, noNaN: true }),
      fc.double({ min: 0.2, max: 4, noNaN: true }),
      fc.array(fc.double({ min: -0.05, max: 0.05, noNaN: true }), { minLength: 241, maxLength: 241 }),
      (perHour, base, noise) => {
        const seen = samples(20, (hour) => GIB * base * (1 + perHour * hour)).map((one, index) => ({
          ...one,
          rssBytes: one.rssBytes * (1 + noise[index]!),
        }));
        expect(judged(seen).active).toHaveLength(1);
      },
    ),
  );
});

test('whatever a server says: no condition with a number that is none, and none is thrown', () => {
  const bytes = fc.oneof(fc.maxSafeNat(), fc.constant(0), fc.constant(Number.MAX_SAFE_INTEGER));
  fc.assert(
    fc.property(
      fc.array(
        fc.record({ atMs: fc.integer({ min: now - 30 * HOUR_MS, max: now + HOUR_MS }), rssBytes: bytes }),
      ),
      fc.constantFrom(0, 1e-9, 64, 1e9),
      fc.constantFrom(0, 48, 1e12),
      (unsorted, totalGib, uptimeH) => {
        const seen = unsorted.toSorted((one, other) => one.atMs - other.atMs);
        for (const { cause, evidence } of judged(seen, { totalGib, uptimeH }).active)
          expect(`${cause}${evidence}`).not.toMatch(/NaN|Infinity|undefined/);
      },
    ),
  );
});
