import { expect, it } from 'vitest';
import { auditFilterOf, noAuditFilters } from './audit-filter.ts';

it('builds an empty audit query from empty filters', () => {
  expect(auditFilterOf(noAuditFilters)).toEqual({});
});

it('converts audit filter times from local time to UTC', () => {
  const from = '2026-03-01T10:00';
  expect(auditFilterOf({ ...noAuditFilters, user: '42', action: ' exec ', from })).toEqual({
    userId: '42',
    action: 'exec',
    from: new Date(from).toISOString(),
  });
});

it('ignores invalid audit filter times from the address', () => {
  expect(auditFilterOf({ ...noAuditFilters, from: 'yesterday', to: '2026-13-40' })).toEqual({});
});
