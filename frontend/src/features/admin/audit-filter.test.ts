import { expect, it } from 'vitest';
import { auditFilterOf, noAuditFilters } from './audit-filter.ts';

it('asks for everything when nothing is wanted in particular', () => {
  expect(auditFilterOf(noAuditFilters)).toEqual({});
});

it('asks in UTC for moments that were chosen on the reader’s own clock', () => {
  const from = '2026-03-01T10:00';
  expect(auditFilterOf({ ...noAuditFilters, user: '42', action: ' exec ', from })).toEqual({
    userId: '42',
    action: 'exec',
    from: new Date(from).toISOString(),
  });
});

it('passes over what is no moment, as an address may hold anything', () => {
  expect(auditFilterOf({ ...noAuditFilters, from: 'yesterday', to: '2026-13-40' })).toEqual({});
});
