// What a person chooses for maintenance, and the request body.
import type { Contract, RequestOf } from '@buoy/contract';
import type { Weekday } from '@buoy/contract/constants';

type MaintenanceRequest = RequestOf<Contract['POST /servers/:id/maintenance']>['body'];

/** Minutes from now, a moment, or each week. */
export const lengths = ['30', '60', '240', 'until', 'weekly'] as const;
type Length = (typeof lengths)[number];

export type MaintenanceDraft = {
  length: Length;
  /** As `<input type="datetime-local">` has it, in the reader's time zone; empty: not chosen yet. */
  until: string;
  days: readonly Weekday[];
  start: string;
  end: string;
  timezone: string;
  reason: string;
};

/** @param timezone of this device */
export function emptyMaintenanceDraft(timezone: string): MaintenanceDraft {
  return { length: '60', until: '', days: ['sun'], start: '02:00', end: '04:00', timezone, reason: '' };
}

export function isComplete({ length, until, days }: MaintenanceDraft, nowMs: number): boolean {
  if (length === 'until') return Date.parse(until) > nowMs;
  return length !== 'weekly' || days.length > 0;
}

/** @param nowMs when maintenance until a moment begins */
export function maintenanceRequestOf(draft: MaintenanceDraft, nowMs: number): MaintenanceRequest {
  const { length, until, days, start, end, timezone } = draft;
  const reason = draft.reason.trim();
  const why = reason === '' ? {} : { reason };
  if (length === 'until')
    return { from: new Date(nowMs).toISOString(), to: new Date(until).toISOString(), ...why };
  if (length === 'weekly') return { weekly: { days: [...days], start, end, timezone }, ...why };
  return { minutes: Number(length), ...why };
}
