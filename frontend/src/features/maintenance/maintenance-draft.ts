// What a person chooses for maintenance, and the request body.
import type { Contract, RequestOf } from '@buoy/contract';
import type { Weekday } from '@buoy/contract/constants';

type MaintenanceRequest = RequestOf<Contract['POST /servers/:id/maintenance']>['body'];

/** Minutes from now, a moment, from one moment to another, each week, or by a cron expression. */
export const lengths = ['30', '60', '240', 'until', 'planned', 'weekly', 'cron'] as const;
type Length = (typeof lengths)[number];

export type MaintenanceDraft = {
  length: Length;
  /** As `<input type="datetime-local">` has it, in the reader's time zone; empty: not chosen yet. */
  until: string;
  /** Likewise, of what is planned. */
  from: string;
  days: readonly Weekday[];
  start: string;
  end: string;
  timezone: string;
  cron: string;
  /** Of each time of `cron`, as it is typed. */
  minutes: string;
  reason: string;
};

/** @param timezone of this device */
export function emptyMaintenanceDraft(timezone: string): MaintenanceDraft {
  return {
    ...{ length: '60', until: '', from: '', days: ['sun'], start: '02:00', end: '04:00', timezone },
    ...{ cron: '0 3 1 * *', minutes: '60', reason: '' },
  };
}

/** Whether it can be sent. The server validates the cron expression. */
export function isComplete(draft: MaintenanceDraft, nowMs: number): boolean {
  const { length, until, from, days, cron, minutes } = draft;
  if (length === 'until') return Date.parse(until) > nowMs;
  if (length === 'planned') return Date.parse(until) > Math.max(nowMs, Date.parse(from));
  if (length === 'cron') return cron.trim() !== '' && /^[1-9]\d{0,4}$/.test(minutes);
  return length !== 'weekly' || days.length > 0;
}

/** Whether it begins as soon as it is sent. */
export function beginsNow({ length }: MaintenanceDraft): boolean {
  return length !== 'planned' && length !== 'weekly' && length !== 'cron';
}

/** @param nowMs when maintenance until a moment begins */
export function maintenanceRequestOf(draft: MaintenanceDraft, nowMs: number): MaintenanceRequest {
  const { length, until, from, days, start, end, timezone, cron, minutes } = draft;
  const reason = draft.reason.trim();
  const why = reason === '' ? {} : { reason };
  if (length === 'until')
    return { from: new Date(nowMs).toISOString(), to: new Date(until).toISOString(), ...why };
  if (length === 'planned')
    return { from: new Date(from).toISOString(), to: new Date(until).toISOString(), ...why };
  if (length === 'cron')
    return { cron: cron.trim().replace(/\s+/g, ' '), minutes: Number(minutes), timezone, ...why };
  if (length === 'weekly') return { weekly: { days: [...days], start, end, timezone }, ...why };
  return { minutes: Number(length), ...why };
}
