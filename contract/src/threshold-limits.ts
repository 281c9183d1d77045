// From where on the checks of a server fire. Without zod, so that the clients load nothing else with it.

export const thresholdNames = [
  'diskWarnShare',
  'diskCriticalShare',
  'memoryWarnShare',
  'memoryGrowthShare',
  'tokenOverflowShare',
  'clockSkewS',
  'cronLateS',
  'expiryDays',
  'expiryCriticalDays',
] as const;
export type ThresholdName = (typeof thresholdNames)[number];
export type Thresholds = Record<ThresholdName, number>;

export type ThresholdLimits = {
  default: number;
  min: number;
  max: number;
  isWhole: boolean;
  /** Which of two values alerts earlier. */
  stricter: 'lower' | 'higher';
};

const share = (value: number, min: number, max: number): ThresholdLimits => ({
  ...{ default: value, min, max, isWhole: false, stricter: 'lower' },
});
const whole = (
  value: number,
  min: number,
  max: number,
  stricter: 'lower' | 'higher' = 'lower',
): ThresholdLimits => ({ default: value, min, max, isWhole: true, stricter });

export const thresholdLimits: Readonly<Record<ThresholdName, ThresholdLimits>> = {
  // Also of the inodes.
  diskWarnShare: share(0.85, 0.3, 0.99),
  diskCriticalShare: share(0.95, 0.3, 0.99),
  memoryWarnShare: share(0.9, 0.3, 0.99),
  // By which the gateway's memory grows in a day.
  memoryGrowthShare: share(0.5, 0.1, 10),
  tokenOverflowShare: share(0.8, 0.3, 0.99),
  clockSkewS: whole(60, 5, 86_400),
  cronLateS: whole(600, 60, 86_400),
  expiryDays: whole(14, 1, 90, 'higher'),
  expiryCriticalDays: whole(3, 0, 89, 'higher'),
};

/** The first must alert before the second does. */
export const thresholdPairs = [
  { warn: 'diskWarnShare', critical: 'diskCriticalShare' },
  { warn: 'expiryDays', critical: 'expiryCriticalDays' },
] as const satisfies ReadonlyArray<{ warn: ThresholdName; critical: ThresholdName }>;

/** Whether `one` alerts before `other` does. */
export function isStricter(name: ThresholdName, one: number, other: number): boolean {
  return thresholdLimits[name].stricter === 'lower' ? one < other : one > other;
}

export const defaultThresholds: Readonly<Thresholds> = byThreshold((name) => thresholdLimits[name].default);

/** The same made for each threshold. */
export function byThreshold<T>(make: (name: ThresholdName) => T): Record<ThresholdName, T> {
  return Object.fromEntries(thresholdNames.map((name) => [name, make(name)])) as Record<ThresholdName, T>;
}
