// What a person types for thresholds, in the units of people, and the request body.
import type { Contract, RequestOf, Threshold } from '@buoy/contract';
import { byThreshold, type ThresholdName, thresholdNames } from '@buoy/contract/threshold-limits';

type ThresholdRequest = RequestOf<Contract['PUT /thresholds']>['body']['thresholds'];
export type Held = Readonly<Record<ThresholdName, Threshold>>;
/** Empty: inherited. */
export type ThresholdDraft = Readonly<Record<ThresholdName, string>>;

/** How many of what people type are one of the API. */
const units: Readonly<Record<ThresholdName, number>> = {
  diskWarnShare: 100,
  diskCriticalShare: 100,
  memoryWarnShare: 100,
  memoryGrowthShare: 100,
  tokenOverflowShare: 100,
  clockSkewS: 1,
  // Minutes.
  cronLateS: 1 / 60,
  expiryDays: 1,
  expiryCriticalDays: 1,
};
/** A division leaves no rest beyond that. */
const DIGITS = 4;

export function draftOf(held: Held): ThresholdDraft {
  return byThreshold((name) => {
    const { set } = held[name];
    return set === null ? '' : typedOf(name, set);
  });
}

/** In the unit that people type. */
export function typedOf(name: ThresholdName, value: number): string {
  return String(rounded(value * units[name]));
}

/** The first that is no number; undefined: all can be sent. The server checks the bounds. */
export function invalidIn(draft: ThresholdDraft): ThresholdName | undefined {
  return thresholdNames.find((name) => Number.isNaN(sentOf(name, draft[name])));
}

/** What differs from `before` alone. */
export function changeOf(before: ThresholdDraft, draft: ThresholdDraft): ThresholdRequest {
  const changed = thresholdNames.filter((name) => draft[name].trim() !== before[name]);
  return Object.fromEntries(changed.map((name) => [name, sentOf(name, draft[name])]));
}

function sentOf(name: ThresholdName, typed: string): number | null {
  const text = typed.trim().replace(',', '.');
  if (text === '') return null;
  return /^\d{1,9}(\.\d{1,4})?$/.test(text) ? rounded(Number(text) / units[name]) : Number.NaN;
}

function rounded(value: number): number {
  return Math.round(value * 10 ** DIGITS) / 10 ** DIGITS;
}
