// Who wants to fill the disk through the audit log, or to read in it what others sent.
import { statSync } from 'node:fs';
import path from 'node:path';
import type { AuditEntry } from '@buoy/contract';
import BetterSqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type AccessFixture, prepareAccessFixture } from '../support/access-fixture.ts';

const CALLS = 2_000;
const LONG = 'x'.repeat(100_000);
/** Node reads 16 KiB of headers; the query is part of them. */
const LONG_QUERY = `padding=${'q'.repeat(12_000)}`;

let fixture: AccessFixture;
beforeEach(async () => {
  fixture = await prepareAccessFixture();
});
afterEach(() => fixture.running.close());

/** What the log holds, in the database itself. */
const logSize = (): { entries: number; bytes: number } => {
  const database = new BetterSqlite(path.join(fixture.running.dataDir, 'buoy.db'), { readonly: true });
  try {
    return database
      .prepare(
        "select count(*) as entries, coalesce(sum(length(details) + length(coalesce(target, ''))), 0) as bytes from audit_entries",
      )
      .get() as { entries: number; bytes: number };
  } finally {
    database.close();
  }
};
const fileBytes = () =>
  ['buoy.db', 'buoy.db-wal'].reduce(
    (sum, name) =>
      sum + (statSync(path.join(fixture.running.dataDir, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
const grownBy = async (attack: () => Promise<unknown>) => {
  const before = logSize();
  const bytesBefore = fileBytes();
  await attack();
  const after = logSize();
  return {
    entries: after.entries - before.entries,
    bytes: after.bytes - before.bytes,
    fileBytes: fileBytes() - bytesBefore,
  };
};
const times = async (count: number, call: (index: number) => Promise<unknown>) => {
  for (let index = 0; index < count; index += 1) await call(index);
};
const log = async (): Promise<AuditEntry[]> => fixture.auditLog();

describe('a stranger who wants to fill the disk with refused calls', () => {
  test('leaves a handful of entries by 2,000 sign-ins of 100 KB', async () => {
    const grown = await grownBy(() =>
      times(CALLS, (index) =>
        fixture.running.call('POST', '/auth/link', { body: { code: `made up ${index}`, padding: LONG } }),
      ),
    );
    expect(grown.entries).toBeLessThan(10);
    expect(grown.bytes).toBeLessThan(4_096);
    expect(grown.fileBytes).toBeLessThan(1_048_576);
  });

  test('leaves a handful of entries by 2,000 calls with a token that is none and a long query', async () => {
    const grown = await grownBy(() =>
      times(CALLS, (index) =>
        fixture.running.call('GET', `/servers/srv_${index}?${LONG_QUERY}`, { token: `made-up-${index}` }),
      ),
    );
    expect(grown.entries).toBeLessThan(10);
    expect(grown.bytes).toBeLessThan(4_096);
  });

  test('and whose calls are counted together is still seen, with how many they were', async () => {
    await times(57, () => fixture.running.call('GET', '/servers', {}));
    const seen = (await log()).filter(
      ({ action, result }) => action === 'GET /servers' && result === 'denied',
    );
    expect(seen).toMatchObject([
      { userId: null, ip: '127.0.0.1', details: { status: 401 } },
      { userId: null, ip: '127.0.0.1', details: { count: 56, errors: { unauthenticated: 56 } } },
    ]);
  });
});

describe('a signed-in person who wants to fill the disk', () => {
  test('with calls that are denied leaves a handful of entries', async () => {
    const serverId = await fixture.newServer();
    const grown = await grownBy(() =>
      times(CALLS, () => fixture.as('viewer', 'DELETE', `/servers/${serverId}?${LONG_QUERY}`)),
    );
    expect(grown.entries).toBeLessThan(10);
    expect(grown.bytes).toBeLessThan(32_768);
  });

  test('with servers that are not there leaves a handful of entries', async () => {
    const grown = await grownBy(() =>
      times(CALLS, (index) => fixture.as('stranger', 'GET', `/servers/srv_made_up_${index}`)),
    );
    expect(grown.entries).toBeLessThan(10);
  });

  test('with changes of what is not there leaves a handful of entries', async () => {
    const grown = await grownBy(() =>
      times(500, (index) => fixture.as('stranger', 'DELETE', `/me/tokens/tok_made_up_${index}`)),
    );
    expect(grown.entries).toBeLessThan(10);
  });

  test('with changes that are not valid leaves a handful of small entries', async () => {
    const grown = await grownBy(() =>
      times(500, (index) =>
        fixture.as('stranger', 'POST', '/servers', { name: LONG.slice(0, 12_000), padding: index }),
      ),
    );
    expect(grown.entries).toBeLessThan(10);
    expect(grown.bytes).toBeLessThan(32_768);
  });
});

describe('a super-admin who wants to read what others sent to sign in', () => {
  test('finds nothing of the bodies of sign-ins that failed in the log', async () => {
    // Mistyped: not in the field whose value is masked.
    await fixture.running.call('POST', '/auth/link', { body: { kode: 'Correct-horse-battery' } });
    await fixture.running.call('POST', '/auth/device/token', { body: { device: 'Correct-horse-battery' } });
    await fixture.running.call('POST', '/auth/telegram?note=Correct-horse-battery', {
      body: { initData: 'x', comment: 'Correct-horse-battery' },
    });
    const refused = (await log()).filter(
      ({ action, result }) => action.startsWith('POST /auth/') && result === 'failed',
    );
    expect(refused).toHaveLength(3);
    expect(JSON.stringify(refused)).not.toContain('Correct-horse-battery');
  });
});
