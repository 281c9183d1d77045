// Answers kept for idempotency keys: what fills the database with them, what a stranger's key leaves behind, and what they tell a thief.
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BOT_TOKEN, forgeInitData } from '../../../testbed/forge-init-data.ts';
import { type Db, openDatabase } from '../../src/db/database.ts';
import { answerData } from '../../src/http/idempotency.ts';
import { sealedColumns } from '../../src/sealed-columns.ts';
import { createSealedSecretStore } from '../../src/secrets/sealed-secrets.store.ts';
import { type Cursor, createSealedSecrets } from '../../src/secrets/sealed-secrets.ts';
import { createVault, newVaultKey, type VaultKey } from '../../src/vault/vault.ts';
import { longestBlock, longestBlockOfThree } from '../support/main-thread.ts';
import { SUPER_ID, startTestBuoy, type TestBuoy } from '../support/test-buoy.ts';

/** Characters of the longest answer that is kept, sealed. */
const MAX_SEALED = 349_600;
/** Milliseconds of this thread that nobody notices. */
const MAX_BLOCK_MS = 15;
/** The same where some of the longest answers are written or deleted. */
const MAX_WRITING_MS = 25;
/** The longest answers that were kept before one person had a limit in bytes. */
const MANY = 500;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

let running: TestBuoy;
beforeEach(async () => {
  running = await startTestBuoy();
});
afterEach(() => running.close());

/** Runs `read` on a second connection to Buoy's database. */
async function inDatabase<T>(read: (db: Db) => Promise<T>) {
  const other = await openDatabase({ engine: 'sqlite', file: `${running.dataDir}/buoy.db` });
  try {
    return await read(other.db);
  } finally {
    await other.close();
  }
}

/** Stores answers of one person, the oldest one first. */
async function keep(
  count: number,
  of: (index: number) => { response?: string; ageMs?: number } = () => ({}),
): Promise<void> {
  await inDatabase((db) =>
    db.transaction().execute(async (trx) => {
      for (let index = 0; index < count; index += 1) {
        const { response = 'v1.k.'.padEnd(MAX_SEALED, 'x'), ageMs = 0 } = of(index);
        await trx
          .insertInto('idempotencyKeys')
          .values({
            ...{ userId: '42', personId: '42', key: `used-${index}`, requestHash: 'hash', status: 200 },
            ...{ response, bytes: response.length },
            createdAt: new Date(Date.now() - ageMs + index).toISOString(),
          })
          .execute();
      }
    }),
  );
}
const keptBy = async (userId: string): Promise<string[]> =>
  inDatabase(async (db) => {
    const kept = await db.selectFrom('idempotencyKeys').select('key').where('userId', '=', userId).execute();
    return kept.map(({ key }) => key);
  });

describe('idempotency keys of one person', () => {
  const used = async (count: number, name: string, ageMs: number) => {
    const createdAt = new Date(Date.now() - ageMs).toISOString();
    const rows = Array.from({ length: count }, (_, index) => ({
      ...{ userId: name, personId: name, key: `used-${index}`, requestHash: 'hash', createdAt },
      ...{ status: null, response: null, bytes: 0 },
    }));
    await inDatabase(async (db) => {
      for (let at = 0; at < rows.length; at += 500)
        await db
          .insertInto('idempotencyKeys')
          .values(rows.slice(at, at + 500))
          .execute();
    });
  };

  test('are accepted five times a minute after 2,000 in a day, so that nobody who used them up locks their person out', async () => {
    const token = await running.signIn(44);
    await used(2_000, '44', 3_600_000);
    const answers = [];
    for (let index = 0; index < 6; index += 1) {
      const headers = { 'idempotency-key': `beyond-${index}` };
      const body = { name: 'token', scopes: ['read'] };
      answers.push((await running.call('POST', '/me/tokens', { token, body, headers })).statusCode);
    }
    expect(answers).toEqual([201, 201, 201, 201, 201, 429]);
    const headers = { 'idempotency-key': 'ends-work' };
    const ending = await running.call('POST', '/rollouts/rol_none/cancel', { token, headers });
    expect(ending.statusCode).toBe(404);
  });

  test('are counted apart for API tokens, whose thief takes none of the devices', async () => {
    const token = await running.signIn(45);
    const body = { name: 'stolen', scopes: ['operate'] };
    const made = await running.call('POST', '/me/tokens', { token, body });
    await used(2_000, '["45","tokens"]', 0);
    const cancel = (key: string, by: string) =>
      running.call('POST', '/rollouts/rol_none/pause', { token: by, headers: { 'idempotency-key': key } });
    expect((await cancel('one', made.json().token.secret)).statusCode).toBe(429);
    expect((await cancel('one', token)).statusCode).toBe(404);
  });

  test('return 429 after 2,000 keys in a day; calls without a key still work', async () => {
    const token = await running.signIn(42);
    await used(2_000, '42', 0);
    const body = { name: 'token', scopes: ['read'] };
    const headers = { 'idempotency-key': 'one-more' };
    const refused = await running.call('POST', '/me/tokens', { token, body, headers });
    expect(refused.statusCode).toBe(429);
    expect(refused.json()).toMatchObject({ code: 'rate_limited' });
    expect((await running.call('POST', '/me/tokens', { token, body })).statusCode).toBe(201);
    const other = await running.signIn(43);
    expect((await running.call('POST', '/me/tokens', { token: other, body, headers })).statusCode).toBe(201);
  });
});

describe('the longest kept answers', () => {
  const secretsIn = (db: Db, ring: VaultKey[]) =>
    createSealedSecrets({
      columns: sealedColumns.filter(({ table }) => table === 'idempotencyKeys'),
      store: createSealedSecretStore(db),
      vault: createVault(ring),
    });
  /** A call with an idempotency key of somebody else. */
  const another = (token: string, key: string) =>
    running.call('POST', '/me/tokens', {
      token,
      body: { name: 'x', scopes: ['read'] },
      headers: { 'idempotency-key': key },
    });

  test('do not slow down another call with an idempotency key', async () => {
    await keep(MANY);
    const token = await running.signIn(43);
    let attempt = 0;
    const { answer, blockedMs } = await longestBlockOfThree(() => {
      attempt += 1;
      return another(token, `other-${attempt}`);
    }, MAX_BLOCK_MS);
    expect(answer.statusCode).toBe(201);
    expect(blockedMs).toBeLessThan(MAX_BLOCK_MS);
  }, 60_000);

  test('do not block others when they are forgotten after a day, all at the same time', async () => {
    const token = await running.signIn(43);
    for (let call = 1; call <= 3; call += 1) await another(token, `warm-${call}`);
    await keep(MANY, () => ({ ageMs: DAY_MS + MINUTE_MS }));
    const { answer, blockedMs } = await longestBlock(() => another(token, 'first'));
    expect(answer.statusCode).toBe(201);
    expect(blockedMs).toBeLessThan(MAX_WRITING_MS);
    for (let call = 1; call < MANY / 5; call += 1) await another(token, `call-${call}`);
    expect(await keptBy('42')).toEqual([]);
  }, 60_000);

  test('do not block others when Buoy starts, nor when a super-admin looks at its health', async () => {
    await keep(MANY);
    const token = await running.signIn(SUPER_ID);
    const { answer, blockedMs } = await longestBlockOfThree(
      () => running.call('GET', '/admin/health/detailed', { token }),
      MAX_BLOCK_MS,
    );
    expect(answer.statusCode).toBe(200);
    expect(blockedMs).toBeLessThan(MAX_BLOCK_MS);
    await inDatabase(async (db) => {
      const sealedSecrets = secretsIn(db, [{ ...newVaultKey(), id: 'k' }]);
      const started = await longestBlockOfThree(
        async () => [await sealedSecrets.lacking(), (await sealedSecrets.overview()).outdated],
        MAX_BLOCK_MS,
      );
      expect(started.answer).toEqual([[], 0]);
      expect(started.blockedMs).toBeLessThan(MAX_BLOCK_MS);
    });
  }, 60_000);

  test('do not block others when the vault key changes', async () => {
    const [oldKey, newKey] = [newVaultKey(), newVaultKey()];
    const old = createVault([oldKey]);
    const answer = 'x'.repeat(250_000);
    // More than a page; many more long texts would measure the garbage collector.
    await keep(150, (index) => ({ response: old.seal(answerData('42', `used-${index}`), answer) }));
    await inDatabase(async (db) => {
      const sealedSecrets = secretsIn(db, [newKey, oldKey]);
      const { signal } = new AbortController();
      const checked = await longestBlockOfThree(
        () => sealedSecrets.checkOutdated(signal, () => undefined),
        MAX_BLOCK_MS,
      );
      expect(checked.answer).toBe(150);
      expect(checked.blockedMs).toBeLessThan(MAX_BLOCK_MS);
      let at: Cursor | null = null;
      const resealNext = async () => {
        at = await sealedSecrets.resealPage(at, signal, () => undefined);
      };
      const resealed = await longestBlockOfThree(resealNext, MAX_WRITING_MS);
      expect(resealed.blockedMs).toBeLessThan(MAX_WRITING_MS);
      while (at !== null) await resealNext();
      expect(await sealedSecrets.overview()).toMatchObject({ outdated: 0 });
    });
  }, 60_000);
});

describe('idempotency keys of a stranger', () => {
  test('leave no kept answer when device sign-ins begin', async () => {
    for (let index = 0; index < 10; index += 1) {
      const headers = { 'idempotency-key': `stranger-${index}` };
      expect((await running.call('POST', '/auth/device', { token: null, headers })).statusCode).toBe(200);
    }
    const kept = await inDatabase((db) => db.selectFrom('idempotencyKeys').select('key').execute());
    expect(kept).toEqual([]);
  });

  test('leave no kept answer when a sign-in begins with a body that it does not take, or a made-up cookie', async () => {
    const begins = ['/auth/device', '/auth/passkey/options'];
    for (const [index, path] of begins.entries()) {
      const key = (what: string) => ({ 'idempotency-key': `stranger-${index}-${what}` });
      const cookie = `__Host-Http-buoy_refresh=made-up; __Host-Http-buoy_login=made-up`;
      const answers = [
        await running.call('POST', path, { token: null, headers: key('body'), body: { made: 'up' } }),
        await running.call('POST', path, { token: null, headers: { ...key('cookie'), cookie } }),
      ];
      expect(answers.map(({ statusCode }) => statusCode)).toEqual([400, 200]);
    }
    const kept = await inDatabase((db) => db.selectFrom('idempotencyKeys').select('key').execute());
    expect(kept).toEqual([]);
  });

  test('leave no kept answer when an invite is looked at', async () => {
    const boss = await running.signIn(SUPER_ID);
    const login = { host: '192.0.2.9', username: 'root', authType: 'password', password: 'x' };
    const added = await running.call('POST', '/servers', { token: boss, body: { name: 'web', ...login } });
    const path = `/servers/${added.json().server.id}/invites`;
    const invited = await running.call('POST', path, { token: boss, body: { role: 'viewer' } });
    const code = invited.json().invite.url.split('#code=')[1];
    for (let index = 0; index < 3; index += 1) {
      const headers = { 'idempotency-key': `stranger-${index}` };
      const shown = await running.call('POST', '/auth/invite/show', { token: null, headers, body: { code } });
      expect(shown.statusCode).toBe(200);
    }
    expect(await keptBy('')).toEqual([]);
  });

  test('leave no kept answer for made-up device codes', async () => {
    for (let index = 0; index < 10; index += 1) {
      const headers = { 'idempotency-key': `stranger-${index}` };
      const body = { deviceCode: `made-up-${index}`.padEnd(43, 'x') };
      const refused = await running.call('POST', '/auth/device/token', { token: null, headers, body });
      expect([refused.statusCode, refused.json().code]).toEqual([401, 'sign_in_failed']);
    }
    const kept = await inDatabase((db) => db.selectFrom('idempotencyKeys').select('key').execute());
    expect(kept).toEqual([]);
  });
});

describe('idempotency keys of renewals of a sign-in', () => {
  /** `name=value` of the refresh cookie that an answer sets. */
  const cookieIn = (answer: { headers: Record<string, unknown> }) =>
    String(answer.headers['set-cookie']).split(';')[0] ?? '';
  const signIn = (id: number) =>
    running.call('POST', '/auth/telegram', {
      body: { initData: forgeInitData({ id, first_name: 'Eve' }, BOT_TOKEN) },
    });

  test('leave the newest 2,000 answers of that person, and all of others', async () => {
    let cookie = cookieIn(await signIn(42));
    const { id } = (await signIn(43)).json().user;
    expect(id).toBe('43');
    const short = 'v1.k.x';
    const before = (userId: string, count: number, personId: string) =>
      inDatabase(async (db) => {
        const rows = Array.from({ length: count }, (_, index) => ({
          ...{ userId, personId, key: `of ${personId} ${index}`, requestHash: 'hash', status: 200 },
          ...{ response: short, bytes: short.length },
          createdAt: new Date(Date.now() - MINUTE_MS + index).toISOString(),
        }));
        for (let at = 0; at < count; at += 500)
          await db
            .insertInto('idempotencyKeys')
            .values(rows.slice(at, at + 500))
            .execute();
      });
    await before('', 1_999, '42');
    await before('', 1, '43');
    await before('42', 1, '42');
    for (let index = 0; index < 3; index += 1) {
      const headers = { cookie, 'idempotency-key': `renewal-${index}` };
      const answer = await running.call('POST', '/auth/refresh', { headers });
      expect(answer.statusCode).toBe(200);
      const again = await running.call('POST', '/auth/refresh', { headers });
      expect([again.statusCode, again.json()]).toEqual([200, answer.json()]);
      cookie = cookieIn(answer);
    }
    const left = await keptBy('');
    expect(left.filter((key) => key !== 'of 43 0')).toHaveLength(2_000);
    expect(left).toContain('of 43 0');
    expect(left).not.toContain('of 42 0');
    expect(left).not.toContain('of 42 1');
    expect(left).toContain('of 42 2');
    expect(await keptBy('42')).toHaveLength(1);
  });
});

describe('a thief of the database', () => {
  const guesses = ['123456', 'letmein', 'sunshine1', 'qwertz'];

  test('cannot check guesses at the password of a server that was added with an idempotency key', async () => {
    const token = await running.signIn(42);
    const boss = await running.signIn(1);
    await running.call('POST', '/admin/users/42/approve', { token: boss });
    const known = { name: 'web', host: '192.0.2.9', username: 'root', authType: 'password', password: '' };
    const body = { ...known, password: 'sunshine1' };
    const headers = { 'idempotency-key': 'add-web' };
    const added = await running.call('POST', '/servers', { token, body, headers });
    expect(added.statusCode).toBe(201);
    const rows = await inDatabase((db) => db.selectFrom('idempotencyKeys').selectAll().execute());
    expect(rows).toHaveLength(1);
    // All else that was sent stands beside it in the database.
    const { name, host, port, username, tags, authType } = added.json().server;
    const found = guesses.filter((password) => {
      const sent = { name, host, port, username, tags, authType, password };
      const hash = createHash('sha256')
        .update(`POST /api/servers\n${JSON.stringify(sent)}`)
        .digest('hex');
      return rows.some(({ requestHash }) => requestHash === hash);
    });
    expect(found).toEqual([]);
  });
});
