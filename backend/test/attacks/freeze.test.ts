// Single requests that try to freeze Buoy for everyone, with and without an account: none may block the event loop.
import path from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  curlsInSkill,
  hugeRsaKey,
  manyFields,
  slowKey,
  spacesInHead,
  tokenPrefixes,
} from '../../../testbed/freeze-inputs.ts';
import { longestBlockOfThree } from '../support/main-thread.ts';
import { startTestBuoy, type TestBuoy } from '../support/test-buoy.ts';

/** Milliseconds of computing in one go; each of these attacks once took from 0.15 s to minutes. */
const MAX_MS = 50;

let running: TestBuoy;
let token: string;
let serverId: string;

const server = { name: 'mine', host: '127.0.0.1', port: 1, username: 'root' };

beforeAll(async () => {
  running = await startTestBuoy();
  token = await running.signIn(700);
  const added = await addServer({ authType: 'password', password: 'x' });
  serverId = added.json().server.id;
  // Warms up: compiles the code that reads a key and a skill.
  await addServer(withKey(await slowKey(1), 'x'));
  await upload('---\nname: tea\ndescription: Tea.\n---\nBrew it.\n');
});
afterAll(() => running.close());

let added = 0;
const addServer = (credential: object, as = token) => {
  added += 1;
  return running.call('POST', '/servers', {
    token: as,
    body: { ...server, name: `server ${added}`, ...credential },
  });
};
const withKey = (privateKey: string, passphrase?: string) => ({ authType: 'key', privateKey, passphrase });
const upload = (skill: string) =>
  running.call('POST', `/servers/${serverId}/openclaw/skills/upload`, {
    token,
    headers: { 'content-type': 'text/markdown' },
    body: Buffer.from(skill),
  });

const blockedBy = <T>(call: () => Promise<T>) => longestBlockOfThree(call, MAX_MS);

describe('one request that tries to freeze Buoy', () => {
  test('RSA key of 65,536 bits is refused without blocking the event loop', async () => {
    const { blockedMs, answer } = await blockedBy(() => addServer(withKey(hugeRsaKey(65_536))));
    expect(blockedMs).toBeLessThan(MAX_MS);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'key_format', error: expect.stringContaining('16384 bits') });
  });

  test('key of 128 rounds of bcrypt is refused without blocking the event loop', async () => {
    const slow = await slowKey(128);
    const { blockedMs, answer } = await blockedBy(() => addServer(withKey(slow, 'x')));
    expect(blockedMs).toBeLessThan(MAX_MS);
    expect(answer.json()).toMatchObject({ code: 'key_format', error: expect.stringContaining('too long') });
  });

  test('key of the most rounds that Buoy accepts does not block the event loop', async () => {
    const slow = await slowKey(32);
    const { blockedMs, answer } = await blockedBy(() => addServer(withKey(slow, 'x')));
    expect(blockedMs).toBeLessThan(MAX_MS);
    expect(answer.json()).toMatchObject({ error: 'The passphrase does not open the private key.' });
  });

  test('256 KB of spaces in the head of a skill do not block the event loop', async () => {
    const { blockedMs, answer } = await blockedBy(() => upload(spacesInHead()));
    expect(blockedMs).toBeLessThan(MAX_MS);
    expect(answer.statusCode).toBe(400);
  });

  test('150 KB of "curl curl …" in a skill do not block the event loop', async () => {
    const { blockedMs } = await blockedBy(() => upload(curlsInSkill()));
    expect(blockedMs).toBeLessThan(MAX_MS);
  });

  test('a megabyte of fields from a stranger is refused without blocking the event loop', async () => {
    const fields = manyFields();
    const { blockedMs, answer } = await blockedBy(() =>
      running.call('POST', '/auth/telegram', { token: null, body: fields }),
    );
    expect(blockedMs).toBeLessThan(MAX_MS);
    expect(answer.json()).toMatchObject({ code: 'payload_too_large' });
  });

  test('60 KB that look like the beginning of a token in a config do not block the event loop', async () => {
    const { blockedMs } = await blockedBy(() =>
      running.call('PUT', `/servers/${serverId}/openclaw/config`, { token, body: tokenPrefixes() }),
    );
    expect(blockedMs).toBeLessThan(MAX_MS);
  });
});

test.each(['PUT', 'POST'] as const)(
  'a megabyte of what looks like secrets in a change of a config does not block the event loop (%s)',
  async (method) => {
    const body = { patch: { note: 'token=a '.repeat(124_000) }, hash: 'a'.repeat(64) };
    const url = `/servers/${serverId}/openclaw/config${method === 'POST' ? '/preview' : ''}`;
    const { blockedMs } = await blockedBy(() => running.call(method, url, { token, body }));
    expect(blockedMs).toBeLessThan(MAX_MS);
  },
);

describe('one person with 20,000 sign-ins', () => {
  test('listing the sessions does not block the event loop; the last 500 are kept', async () => {
    const person = 702;
    await running.signIn(person);
    const database = new BetterSqlite(path.join(running.dataDir, 'buoy.db'));
    database
      .prepare(
        `insert into sessions (id, user_id, kind, refresh_hash, created_at, last_used_at, expires_at)
         with recursive n(at) as (select 1 union all select at + 1 from n where at < 20000)
         select 'ses_' || at, user_id, kind, refresh_hash || at, created_at, last_used_at, expires_at
         from n, (select * from sessions where user_id = ?)`,
      )
      .run(String(person));
    database.close();
    const last = await running.signIn(person);
    const { blockedMs, answer } = await blockedBy(() => running.call('GET', '/me/sessions', { token: last }));
    expect(blockedMs).toBeLessThan(MAX_MS);
    expect(answer.json().sessions).toHaveLength(500);
  });
});

describe('slow uploads of one person', () => {
  test('slow keys, one after another, do not delay the key of another person', async () => {
    const order: string[] = [];
    const slow = await slowKey(24);
    const other = await running.signIn(701);
    const quick = await slowKey(1);
    const his = [1, 2, 3, 4].map((wrong) =>
      addServer(withKey(slow, `wrong ${wrong}`)).then(() => order.push('his')),
    );
    const hers = addServer(withKey(quick, 'x'), other).then(() => order.push('hers'));
    await Promise.all([...his, hers]);
    expect(order.indexOf('hers')).toBeLessThan(3);
  });

  test('many slow keys at once are refused with a hint to wait', async () => {
    const slow = await slowKey(8);
    const answers = await Promise.all(
      [1, 2, 3, 4, 5, 6, 7, 8].map((wrong) => addServer(withKey(slow, `wrong ${wrong}`))),
    );
    const refused = answers.filter(({ statusCode }) => statusCode === 429);
    expect(refused.length).toBeGreaterThan(0);
    for (const { headers } of refused) expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  });
});
