// What the form of thresholds shows and sends.
import {
  byThreshold,
  defaultThresholds,
  type ThresholdName,
  thresholdLimits,
  thresholdNames,
} from '@buoy/contract/threshold-limits';
import { expect, test } from 'vitest';
import { changeOf, draftOf, type Held, invalidIn, typedOf } from './threshold-draft.ts';

const heldWith = (set: Partial<Record<ThresholdName, number>>): Held =>
  byThreshold((name) => ({
    ...{ set: set[name] ?? null, value: set[name] ?? defaultThresholds[name] },
    ...{ from: set[name] === undefined ? 'default' : 'server', tag: null, differs: false },
  }));
const empty = draftOf(heldWith({}));

test('an inherited one is empty; the others are in the units of people', () => {
  expect(empty).toEqual(byThreshold(() => ''));
  expect(
    draftOf(heldWith({ diskWarnShare: 0.57, clockSkewS: 90, cronLateS: 1_800, expiryDays: 30 })),
  ).toEqual({
    ...empty,
    ...{ diskWarnShare: '57', clockSkewS: '90', cronLateS: '30', expiryDays: '30' },
  });
});

test('what was changed alone is sent, an emptied one as inherited', () => {
  const before = draftOf(heldWith({ diskWarnShare: 0.57, clockSkewS: 90 }));
  expect(changeOf(before, before)).toEqual({});
  expect(
    changeOf(before, { ...before, diskWarnShare: ' ', cronLateS: '1,5', memoryWarnShare: '57.5' }),
  ).toEqual({
    ...{ diskWarnShare: null, cronLateS: 90, memoryWarnShare: 0.575 },
  });
});

test('every bound is sent as it is shown', () => {
  for (const name of thresholdNames)
    for (const value of [thresholdLimits[name].min, thresholdLimits[name].max, thresholdLimits[name].default])
      expect(changeOf(empty, { ...empty, [name]: typedOf(name, value) })).toEqual({ [name]: value });
});

test('what is no number cannot be sent', () => {
  for (const typed of ['much', '-5', '1e9', '5 %', '1.2.3'])
    expect(invalidIn({ ...empty, clockSkewS: typed })).toBe('clockSkewS');
  expect(invalidIn(empty)).toBeUndefined();
});
