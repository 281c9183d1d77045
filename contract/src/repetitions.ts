// Audit entries that stand for several calls; without schemas, so that it costs a client nothing to know them.
import type { AuditEntry } from './admin.ts';

/** The action of an entry for calls of so many kinds, or from so many addresses, that not each kind has an entry of its own. */
export const OTHER_CALLS = 'other calls';

/** How many calls an entry stands for, besides the one before it that has an entry of its own; null: it stands for one call. */
export function repetitionsIn({ details }: Pick<AuditEntry, 'details'>): number | null {
  const { count, from, to } = details;
  return typeof count === 'number' && typeof from === 'string' && typeof to === 'string' ? count : null;
}
