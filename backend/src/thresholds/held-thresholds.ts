// Which thresholds hold for a server: its own, else the strictest of its tags, else the defaults.
import {
  byThreshold,
  defaultThresholds,
  isStricter,
  type Threshold,
  type ThresholdName,
  type Thresholds,
  thresholdLimits,
  thresholdNames,
  thresholdPairs,
} from '@buoy/contract';
import { z } from 'zod';

/** What is set in one place, without what is inherited there. */
export type ChosenThresholds = Partial<Thresholds>;

export type ThresholdSources = {
  own: ChosenThresholds;
  /** In the order of the tags. */
  byTag: ReadonlyArray<{ tag: string; chosen: ChosenThresholds }>;
};

/** A value that another version of Buoy has stored, and that this one does not take, is inherited. */
const stored = z.object(
  byThreshold((name) => {
    const { min, max } = thresholdLimits[name];
    return z.number().min(min).max(max).optional().catch(undefined);
  }),
);

export function storedThresholds(text: string): ChosenThresholds {
  const parsed = stored.safeParse(JSON.parse(text)).data ?? {};
  return definedIn((name) => parsed[name]);
}

/** Without the names of which `make` makes undefined. */
export function definedIn(make: (name: ThresholdName) => number | undefined): ChosenThresholds {
  return Object.fromEntries(
    thresholdNames.map((name) => [name, make(name)] as const).filter(([, value]) => value !== undefined),
  );
}

type Held = Omit<Threshold, 'differs' | 'set'>;

/** The first of several tags that are equally strict. */
function strictest(name: ThresholdName, byTag: ThresholdSources['byTag']): Held | null {
  let held: Held | null = null;
  for (const { tag, chosen } of byTag) {
    const value = chosen[name];
    if (value !== undefined && (held === null || isStricter(name, value, held.value)))
      held = { value, from: 'tag', tag };
  }
  return held;
}

/**
 * Where tags and the server together have a warning behind its critical value, both begin at the critical one: what is critical is never
 * told later for it.
 */
export function heldThresholds({ own, byTag }: ThresholdSources): Record<ThresholdName, Threshold> {
  const held = byThreshold<Held>((name) => {
    const value = own[name];
    if (value !== undefined) return { value, from: 'server', tag: null };
    return strictest(name, byTag) ?? { value: defaultThresholds[name], from: 'default', tag: null };
  });
  for (const { warn, critical } of thresholdPairs)
    if (isStricter(critical, held[critical].value, held[warn].value)) held[warn] = { ...held[critical] };
  return byThreshold((name) => ({ set: own[name] ?? null, ...held[name], differs: false }));
}

/**
 * The first pair in which the warning does not come before the critical value; null: none.
 * @param isChanged of the others, what is inherited may have changed since: nobody is kept from changing something else for it
 */
export function pairOutOfOrder(
  chosen: ChosenThresholds,
  inherited: Readonly<Thresholds>,
  isChanged: (name: ThresholdName) => boolean,
) {
  const held = (name: ThresholdName) => chosen[name] ?? inherited[name];
  const pair = thresholdPairs.find(
    ({ warn, critical }) =>
      (isChanged(warn) || isChanged(critical)) && !isStricter(warn, held(warn), held(critical)),
  );
  if (pair === undefined) return null;
  return { ...pair, warnValue: held(pair.warn), criticalValue: held(pair.critical) };
}

/** Of one tag on several servers. */
export function thresholdsByTag(
  tag: string,
  onServers: readonly ChosenThresholds[],
): Record<ThresholdName, Threshold> {
  return byThreshold((name) => {
    const values = new Set(onServers.map((chosen) => chosen[name] ?? null));
    const [set = null, ...others] = values;
    if (others.length === 0)
      return {
        ...{ set, value: set ?? defaultThresholds[name], differs: false },
        ...(set === null ? { from: 'default', tag: null } : { from: 'tag', tag }),
      };
    const value = [...values]
      .map((one) => one ?? defaultThresholds[name])
      .reduce((one, other) => (isStricter(name, other, one) ? other : one));
    return { set: null, value, from: 'tag', tag, differs: true };
  });
}
