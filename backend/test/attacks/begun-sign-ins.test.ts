// Sign-ins that strangers begin and never finish, from more networks than limits by address can stop.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/db/database.ts';
import { startTestBuoy, type TestBuoy } from '../support/test-buoy.ts';

const DEVICES = 1_500;
/** Audit entries that all strangers together may fill at once, with some that come back meanwhile. */
const MAX_ENTRIES = 520;

let running: TestBuoy;
beforeEach(async () => {
  running = await startTestBuoy({ TRUST_PROXY: '1' });
});
afterEach(() => running.close());

const countOfEntries = async (): Promise<number> => {
  const other = await openDatabase({ engine: 'sqlite', file: `${running.dataDir}/buoy.db` });
  try {
    const { entries } = await other.db
      .selectFrom('auditEntries')
      .select((e) => e.fn.countAll<number>().as('entries'))
      .executeTakeFirstOrThrow();
    return entries;
  } finally {
    await other.close();
  }
};

describe('device sign-ins that strangers begin', () => {
  test('in 1,500 networks leave some hundred audit entries', async () => {
    for (let network = 0; network < DEVICES; network += 1) {
      const headers = { 'x-forwarded-for': `2001:db8:0:${network.toString(16)}::1` };
      expect((await running.call('POST', '/auth/device', { headers })).statusCode).toBe(200);
    }
    expect(await countOfEntries()).toBeLessThan(MAX_ENTRIES);
  }, 60_000);

  test('in one network, each from another address of it, leave one audit entry', async () => {
    for (let address = 1; address <= 50; address += 1) {
      const headers = { 'x-forwarded-for': `2001:db8::${address.toString(16)}` };
      expect((await running.call('POST', '/auth/device', { headers })).statusCode).toBe(200);
    }
    expect(await countOfEntries()).toBe(1);
  });
});
