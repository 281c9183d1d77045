// What a person chooses in an update policy, and the request body.
import type { Contract, RequestOf, UpdatePolicy } from '@buoy/contract';
import { type Weekday, weekdays } from '@buoy/contract/constants';

type PolicyRequest = RequestOf<Contract['PUT /update-policies/:tag']>['body'];

export type WindowDraft = { days: readonly Weekday[]; start: string; end: string; timezone: string };

/** With what the window is, or would be. */
export type PolicyDraft = WindowDraft & {
  tag: string;
  /** As it is typed; empty: no version is pinned. */
  pinned: string;
  hasWindow: boolean;
};

/** A night at the weekend, once somebody wants a window. @param timezone of this device */
export function emptyPolicyDraft(timezone: string): PolicyDraft {
  return {
    ...{ tag: '', pinned: '', hasWindow: false },
    ...{ days: ['sat', 'sun'], start: '22:00', end: '04:00', timezone },
  };
}

export function policyDraftOf(
  { tag, pinned, window }: Pick<UpdatePolicy, 'tag' | 'pinned' | 'window'>,
  timezone: string,
): PolicyDraft {
  const draft = { ...emptyPolicyDraft(timezone), tag, pinned: pinned ?? '' };
  return window === null ? draft : { ...draft, ...window, hasWindow: true };
}

/** Both parts, as the form shows them. */
export function policyRequestOf({
  pinned,
  hasWindow,
  days,
  start,
  end,
  timezone,
}: PolicyDraft): PolicyRequest {
  return {
    pinned: pinned.trim() === '' ? null : pinned.trim(),
    window: hasWindow ? { days: [...days], start, end, timezone } : null,
  };
}

/** The days with this one chosen or left out, in their order. */
export function withDay(days: readonly Weekday[], day: Weekday, isOn: boolean): Weekday[] {
  return weekdays.filter((one) => (one === day ? isOn : days.includes(one)));
}
