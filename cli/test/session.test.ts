// Renewal of a kept sign-in, by one or several processes, until it ends.
import { once } from 'node:events';
import { readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Terminal } from '../src/terminal.ts';
import { type CliFixture, startCliFixture } from './support/cli-fixture.ts';

const DAY_MS = 86_400_000;

let fixture: CliFixture;
beforeAll(async () => {
  fixture = await startCliFixture();
});
afterAll(() => fixture.close());
beforeEach(() => {
  fixture.environment.BUOY_URL = undefined;
  fixture.environment.BUOY_TOKEN = undefined;
});
afterEach(() => fixture.buoy(['logout']));

const login = async (...words: string[]): Promise<void> => {
  let shown = '';
  const { exit, err } = await fixture.buoy(['login', fixture.url, ...words], {
    err: (text) => {
      shown += text;
    },
    async pause() {
      const [, userCode] = /approve the code (\S+)/.exec(shown) ?? [];
      await fixture.running.call('POST', '/auth/device/approve', {
        token: fixture.token,
        body: { userCode },
      });
    },
  });
  expect(`${exit} ${err}`).toMatch(/^0 /);
};
const file = () => path.join(String(fixture.environment.XDG_CONFIG_HOME), 'buoy', 'profiles.json');
type StoredSession = { token: string | null; refreshCookie: string | null; attemptKey: string | null };
const kept = (name = 'default'): StoredSession => JSON.parse(readFileSync(file(), 'utf8')).profiles[name];
const change = (changes: Partial<StoredSession>, name = 'default'): void => {
  const stored = JSON.parse(readFileSync(file(), 'utf8'));
  Object.assign(stored.profiles[name], changes);
  writeFileSync(file(), JSON.stringify(stored));
};
/** Stores an invalid token: two real tokens of the same second would be identical. */
const expire = (name = 'default'): void => change({ token: 'no.longer.good' }, name);
/** A terminal that counts renewals. */
const watching = () => {
  const renewals: string[] = [];
  const fetch: Terminal['fetch'] = async (input, init) => {
    if (String(input).endsWith('/auth/refresh')) renewals.push(String(init?.body));
    return globalThis.fetch(input, init);
  };
  return { renewals, fetch };
};
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const devices = async (): Promise<string[]> => {
  const { sessions } = (await fixture.running.call('GET', '/me/sessions', { token: fixture.token })).json();
  return sessions.flatMap(({ id, kind }: { id: string; kind: string }) => (kind === 'device' ? [id] : []));
};

describe('kept sign-in', () => {
  test('is renewed silently shortly before its token expires', async () => {
    await login();
    const { refreshCookie } = kept();
    const { renewals, fetch } = watching();
    const soon = { fetch, now: () => Date.now() + DAY_MS - 10 * 60_000 };
    expect((await fixture.buoy(['whoami'], soon)).exit).toBe(0);
    expect(renewals).toEqual([]);
    const late = { fetch, now: () => Date.now() + DAY_MS - 60_000 };
    const ran = await fixture.buoy(['whoami'], late);
    expect({ exit: ran.exit, err: ran.err }).toEqual({ exit: 0, err: '' });
    expect(renewals).toHaveLength(1);
    expect(kept().refreshCookie).not.toBe(refreshCookie);
    expect(kept().attemptKey).toBeNull();
  });

  test('is renewed when its token is refused with 401', async () => {
    await login();
    expire();
    const { renewals, fetch } = watching();
    const ran = await fixture.buoy(['servers', 'list', '--json'], { fetch });
    expect({ exit: ran.exit, err: ran.err, renewals: renewals.length }).toEqual({
      exit: 0,
      err: '',
      renewals: 1,
    });
  });

  test('is renewed once by twenty parallel commands, and none is signed out', async () => {
    await login();
    expire();
    const { renewals, fetch } = watching();
    const ran = await Promise.all(
      Array.from({ length: 20 }, () => fixture.buoy(['whoami'], { fetch, pause })),
    );
    expect(ran.map(({ exit, err }) => `${exit}${err}`)).toEqual(Array(20).fill('0'));
    expect(renewals).toHaveLength(1);
    expect((await fixture.buoy(['whoami'])).exit).toBe(0);
  });

  test('survives a renewal with a lost answer: the next command repeats the attempt', async () => {
    await login();
    expire();
    const { renewals, fetch } = watching();
    const cut: Terminal['fetch'] = async (input, init) => {
      const response = await fetch(input, init);
      if (!String(input).endsWith('/auth/refresh')) return response;
      throw new TypeError('fetch failed', { cause: { code: 'ECONNRESET' } });
    };
    expect((await fixture.buoy(['whoami'], { fetch: cut })).exit).toBe(3);
    expect(kept().attemptKey).not.toBeNull();
    expect((await fixture.buoy(['whoami'], { fetch })).exit).toBe(0);
    expect(renewals[1]).toBe(renewals[0]);
    expect(kept().attemptKey).toBeNull();
  });

  test('keeps the answer of a renewal that Ctrl-C interrupts', async () => {
    await login();
    expire();
    const { refreshCookie } = kept();
    const ctrlC = new AbortController();
    const fetch: Terminal['fetch'] = async (input, init) => {
      if (!String(input).endsWith('/auth/refresh')) return globalThis.fetch(input, init);
      const response = await globalThis.fetch(input, { ...init, signal: null });
      ctrlC.abort();
      init?.signal?.throwIfAborted();
      return response;
    };
    expect((await fixture.buoy(['whoami'], { fetch, signal: ctrlC.signal })).exit).toBe(130);
    expect(kept().attemptKey).toBeNull();
    expect(kept().refreshCookie).not.toBe(refreshCookie);
    expect((await fixture.buoy(['whoami'])).exit).toBe(0);
  });

  test('is not overwritten by a suspended renewal that another command has taken over', async () => {
    await login();
    expire();
    const lock = `${file()}.default.lock`;
    const fetch: Terminal['fetch'] = async (input, init) => {
      const response = await globalThis.fetch(input, init);
      if (!String(input).endsWith('/auth/refresh')) return response;
      // Suspended as by Ctrl-Z.
      utimesSync(lock, new Date(0), new Date(0));
      expect((await fixture.buoy(['whoami'])).exit).toBe(0);
      return response;
    };
    expect((await fixture.buoy(['whoami'], { fetch })).exit).toBe(0);
    expire();
    expect(await fixture.buoy(['whoami'])).toMatchObject({ exit: 0, err: '' });
  });

  test('ends an unanswered renewal soon after Ctrl-C', async () => {
    const silentServer = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silentServer, 'listening');
    const silent = `http://127.0.0.1:${(silentServer.address() as AddressInfo).port}`;
    await login();
    expire();
    const ctrlC = new AbortController();
    const fetch: Terminal['fetch'] = (input, init) => {
      if (!String(input).endsWith('/auth/refresh')) return globalThis.fetch(input, init);
      ctrlC.abort();
      return globalThis.fetch(silent, init);
    };
    expect((await fixture.buoy(['whoami'], { fetch, signal: ctrlC.signal })).exit).toBe(130);
    silentServer.closeAllConnections();
    silentServer.close();
    expect((await fixture.buoy(['whoami'])).exit).toBe(0);
  });

  test('reports an unanswered renewal within its time limit', async () => {
    await login();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const fetch: Terminal['fetch'] = (_input, init) =>
        new Promise((_resolve, reject) => {
          init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
          vi.advanceTimersByTime(20_000);
          setImmediate(() => reject(new Error('it waits for longer')));
        });
      const now = () => Date.now() + DAY_MS - 60_000;
      expect(await fixture.buoy(['whoami'], { fetch, now })).toMatchObject({
        exit: 3,
        err: `buoy: Buoy does not answer at ${fixture.url}, so the sign-in could not be renewed.\n  Try again.\n`,
      });
    } finally {
      vi.useRealTimers();
    }
    expect((await fixture.buoy(['whoami'])).exit).toBe(0);
  });

  test('waits only a limited time for the renewal of another command', async () => {
    await login();
    const lock = `${file()}.default.lock`;
    writeFileSync(lock, 'another command');
    let waitedMs = 0;
    const ran = await fixture.buoy(['whoami'], {
      now: () => Date.now() + DAY_MS - 60_000 + waitedMs,
      async pause(ms) {
        waitedMs += ms;
        if (waitedMs > 60_000) throw new Error('it waits for longer');
      },
    });
    rmSync(lock);
    expect(ran).toMatchObject({ exit: 3 });
    expect(ran.err).toContain('the sign-in could not be renewed');
  });

  test('an ended sign-in is reported with its profile and the login command', async () => {
    await login('--profile', 'work');
    expire('work');
    change({ refreshCookie: kept('work').refreshCookie?.replace('.', '.x') ?? null }, 'work');
    const { fetch } = watching();
    const again = `Sign in again: buoy login ${fixture.url} --profile work\n`;
    const refused = await fixture.buoy(['whoami', '--profile', 'work'], { fetch });
    expect(refused).toEqual({
      exit: 1,
      out: '',
      err: `buoy: Your sign-in to ${fixture.url} (profile work) has ended: The saved sign-in of this browser is out of date.\n  ${again}`,
    });
    await login('--profile', 'work');
    for (const id of await devices())
      await fixture.running.call('DELETE', `/me/sessions/${id}`, { token: fixture.token });
    const revoked = await fixture.buoy(['whoami', '--profile', 'work']);
    expect(revoked.err).toBe(
      `buoy: Your sign-in to ${fixture.url} (profile work) has ended: This device was signed out.\n  ${again}`,
    );
    await fixture.buoy(['logout', '--profile', 'work']);
    await fixture.buoy(['profiles', 'use', 'default']);
  });

  test('a sign-in of an older version without a refresh secret ends with its token', async () => {
    await login();
    change({ refreshCookie: null, token: 'no.longer.good' });
    const { renewals, fetch } = watching();
    const { exit, err } = await fixture.buoy(['whoami'], { fetch });
    expect(exit).toBe(1);
    expect(err).toContain(`Sign in again: buoy login ${fixture.url}\n`);
    expect(renewals).toEqual([]);
  });

  test('is ended on the server by logout, and by the next sign-in', async () => {
    const before = await devices();
    await login();
    const { token } = kept();
    await login();
    expect((await fixture.running.call('GET', '/me', { token })).statusCode).toBe(401);
    expect(await devices()).toHaveLength(before.length + 1);
    const { token: last } = kept();
    fixture.environment.BUOY_TOKEN = fixture.token;
    fixture.environment.BUOY_URL = fixture.url;
    expect((await fixture.buoy(['logout'])).out).toBe(`Signed out of ${fixture.url}.\n`);
    expect((await fixture.running.call('GET', '/me', { token: last })).statusCode).toBe(401);
    expect((await fixture.running.call('GET', '/me', { token: fixture.token })).statusCode).toBe(200);
    expect(await devices()).toEqual(before);
    expect(kept()).toEqual({
      url: fixture.url,
      ...{ token: null, refreshCookie: null, attemptKey: null, tokenEndsAt: null },
    });
  });

  test('a token in BUOY_TOKEN is never renewed', async () => {
    await login();
    fixture.environment.BUOY_URL = fixture.url;
    fixture.environment.BUOY_TOKEN = 'made-up';
    const { renewals, fetch } = watching();
    const { exit, err } = await fixture.buoy(['whoami'], { fetch });
    expect(exit).toBe(1);
    expect(err).toContain('The token comes from BUOY_TOKEN.');
    expect(renewals).toEqual([]);
    fixture.environment.BUOY_TOKEN = undefined;
  });
});
