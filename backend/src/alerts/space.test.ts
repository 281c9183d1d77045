// Disk, inodes and memory against thresholds, whatever a server says of them.
import { defaultThresholds } from '@buoy/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { diskConditions, inodeConditions, memoryConditions } from './space.ts';

const GIB = 1024 ** 3;

describe('inodes', () => {
  test('count as a full disk, and the cause names them', () => {
    expect(inodeConditions({ total: 1_000, free: 30 }, defaultThresholds)).toEqual([
      {
        ...{ type: 'disk_full', subject: 'inodes', severity: 'critical' },
        cause:
          'The disk of the server has used 97 % of its inodes. Without any left, no file can be created, however much space is free.',
        evidence: '30 of 1000 inodes free. Delete folders with many small files.',
      },
    ]);
    expect(inodeConditions({ total: 1_000, free: 140 }, defaultThresholds)).toMatchObject([
      { severity: 'warning' },
    ]);
    expect(inodeConditions({ total: 1_000, free: 160 }, defaultThresholds)).toEqual([]);
  });

  test('have no condition where there is no fixed number of them, or it is not known', () => {
    expect(inodeConditions({ total: 0, free: 0 }, defaultThresholds)).toEqual([]);
    expect(inodeConditions(null, defaultThresholds)).toEqual([]);
  });
});

test('a threshold moves where disk and memory fire', () => {
  const half = { totalBytes: 8 * GIB, availableBytes: 4 * GIB };
  expect(diskConditions(half, defaultThresholds)).toEqual([]);
  expect(memoryConditions(half, defaultThresholds)).toEqual([]);
  expect(diskConditions(half, { ...defaultThresholds, diskWarnShare: 0.4 })).toMatchObject([
    { type: 'disk_full', subject: '', severity: 'warning' },
  ]);
  expect(
    diskConditions(half, { ...defaultThresholds, diskWarnShare: 0.4, diskCriticalShare: 0.45 }),
  ).toMatchObject([{ severity: 'critical' }]);
  expect(memoryConditions(half, { ...defaultThresholds, memoryWarnShare: 0.5 })).toMatchObject([
    { type: 'memory_high', subject: '' },
  ]);
});

test('critical exactly from the critical share on, a warning exactly between', () => {
  const share = fc.integer({ min: 1, max: 999 }).map((part) => part / 1_000);
  fc.assert(
    fc.property(share, share, share, (used, one, other) => {
      fc.pre(one !== other);
      const [diskWarnShare, diskCriticalShare] = [Math.min(one, other), Math.max(one, other)];
      const disk = { totalBytes: 1_000_000, availableBytes: 1_000_000 - used * 1_000_000 };
      const [found] = diskConditions(disk, { ...defaultThresholds, diskWarnShare, diskCriticalShare });
      const exact = 1 - disk.availableBytes / disk.totalBytes;
      expect(found?.severity).toBe(
        exact >= diskCriticalShare ? 'critical' : exact >= diskWarnShare ? 'warning' : undefined,
      );
    }),
  );
});
