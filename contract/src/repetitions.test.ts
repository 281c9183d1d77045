import { describe, expect, test } from 'vitest';
import type { AuditEntry } from './admin.ts';
import { repetitionsIn } from './repetitions.ts';

describe('repetitions in an audit entry', () => {
  test('are as many as it counts', () => {
    const details = { count: 57, from: '2026-03-01T10:00:00.000Z', to: '2026-03-01T10:00:41.000Z' };
    expect(repetitionsIn({ details })).toBe(57);
  });

  test.each<AuditEntry['details']>([{}, { count: 3 }, { count: '3', from: 'x', to: 'y' }])(
    'are none in the details %j',
    (details) => {
      expect(repetitionsIn({ details })).toBeNull();
    },
  );
});
