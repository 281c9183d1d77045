// The filter of the audit log: between the address bar and the API.
import type { AuditFilter } from './admin-queries.ts';

/** Moments are those of the reader's own clock, as a form field gives them: 2026-03-01T10:00. */
export const auditFilters = ['user', 'server', 'action', 'from', 'to'] as const;
export type WantedAudit = Readonly<Record<(typeof auditFilters)[number], string>>;

export const noAuditFilters: WantedAudit = { user: '', server: '', action: '', from: '', to: '' };

/** What is empty, or no moment, is left out. */
export function auditFilterOf({ user, server, action, from, to }: WantedAudit): AuditFilter {
  const filter = {
    userId: user,
    serverId: server,
    action: action.trim(),
    from: utcOf(from),
    to: utcOf(to),
  };
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== ''));
}

function utcOf(local: string): string {
  const at = new Date(local);
  return Number.isNaN(at.getTime()) ? '' : at.toISOString();
}
