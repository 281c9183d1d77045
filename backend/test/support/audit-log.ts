// Reads the whole audit log as a super-admin, for suites that check its entries.
import { type AuditEntry, contract } from '@buoy/contract';
import type { TestBuoy } from './test-buoy.ts';

const page = contract['GET /admin/audit'].response;

/** Every entry, newest first. @param token of a super-admin */
export async function auditLogOf(running: Pick<TestBuoy, 'call'>, token: string): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = [];
  let cursor = '';
  for (;;) {
    const { statusCode, body } = await running.call('GET', `/admin/audit?limit=200${cursor}`, { token });
    if (statusCode !== 200) throw new Error(`The audit log could not be read: ${statusCode} ${body}`);
    const { entries: more, nextCursor } = page.parse(JSON.parse(body));
    entries.push(...more);
    if (nextCursor === null) return entries;
    cursor = `&cursor=${nextCursor}`;
  }
}
