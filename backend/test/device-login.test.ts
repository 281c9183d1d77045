// Device login of the command line over HTTP: it shows a code, a person approves it elsewhere, and it signs in once.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { AuditEntry } from '@buoy/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { auditLogOf } from './support/audit-log.ts';
import { SUPER_ID, startTestBuoy, type TestBuoy } from './support/test-buoy.ts';

const ADA = 100;

let running: TestBuoy;
let ada: string;
beforeAll(async () => {
  running = await startTestBuoy();
  ada = await running.signIn(ADA);
});
afterAll(() => running.close());

type Started = { userCode: string; deviceCode: string; verificationUrl: string };
/** Each terminal has its own address, unless one is given. */
let terminals = 0;
const begin = (at: { ip?: string; headers?: Record<string, string> } = {}) => {
  terminals += 1;
  return running.buoy.app.inject({
    method: 'POST',
    url: '/api/auth/device',
    remoteAddress: at.ip ?? `10.0.${terminals >> 8}.${terminals & 255}`,
    headers: { 'user-agent': 'buoy-cli/1.0', ...at.headers },
  });
};
const started = async (): Promise<Started> => (await begin()).json();
const poll = (deviceCode: string, headers: Record<string, string> = {}) =>
  running.call('POST', '/auth/device/token', { body: { deviceCode }, headers });
const show = (userCode: string, token: string | null = ada) =>
  running.call('GET', `/auth/device?userCode=${encodeURIComponent(userCode)}`, { token });
const approve = (userCode: string, token: string | null = ada) =>
  running.call('POST', '/auth/device/approve', { token, body: { userCode } });

describe('POST /auth/device', () => {
  test('returns 200 with a code to show, a page to open and a code to keep', async () => {
    const response = await begin({ headers: { host: 'buoy.local:8080' } });
    expect(response.statusCode).toBe(200);
    const answer = response.json();
    expect(answer).toMatchObject({
      userCode: expect.stringMatching(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/),
      interval: 5,
      expiresIn: 600,
    });
    // The code is in the fragment, which browsers send to no server.
    expect(answer.verificationUrl).toBe(`http://buoy.local:8080/device#code=${answer.userCode}`);
    expect(response.headers['set-cookie']).toBeUndefined();
  });

  test('returns 429 with Retry-After when twenty from one address wait; others get through', async () => {
    const ip = '203.0.113.7';
    const answers = await Promise.all(Array.from({ length: 25 }, () => begin({ ip })));
    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(20);
    const refused = answers.filter(({ statusCode }) => statusCode === 429);
    expect(refused).toHaveLength(5);
    expect(refused[0]?.json()).toMatchObject({ code: 'rate_limited', hint: expect.any(String) });
    expect(Number(refused[0]?.headers['retry-after'])).toBeGreaterThan(500);
    expect((await begin()).statusCode).toBe(200);
  });

  test('returns 200 with a different code for a stranger who repeats the Idempotency-Key of another person', async () => {
    const headers = { 'idempotency-key': 'sign-in-1' };
    const first = await begin({ headers });
    const again = await begin({ headers });
    expect([first.statusCode, again.statusCode]).toEqual([200, 200]);
    expect(again.body).not.toContain(first.json().deviceCode);
  });
});

describe('POST /auth/device/token', () => {
  test('returns 428 with the interval while it is pending, 200 once after the approval, 401 from then on', async () => {
    const { userCode, deviceCode } = await started();
    for (let time = 0; time < 3; time += 1) {
      const pending = await poll(deviceCode);
      expect([pending.statusCode, pending.json().code]).toEqual([428, 'authorization_pending']);
      expect(pending.json().hint).toContain('5 seconds');
      expect(pending.headers['retry-after']).toBe('5');
    }
    expect((await approve(userCode)).statusCode).toBe(204);
    const signedIn = await poll(deviceCode, { 'user-agent': 'buoy-cli/1.0' });
    expect(signedIn.statusCode).toBe(200);
    const { token, user } = signedIn.json();
    expect(user.id).toBe(String(ADA));
    const { sessions } = (await running.call('GET', '/me/sessions', { token })).json();
    expect(sessions.find(({ current }: { current: boolean }) => current)).toMatchObject({
      kind: 'device',
      ip: '127.0.0.1',
      userAgent: 'buoy-cli/1.0',
      lastUsedAt: expect.any(String),
    });
    const used = await poll(deviceCode);
    expect([used.statusCode, used.json().code]).toEqual([401, 'sign_in_failed']);
  });

  test('200 sets the refresh cookie; that renews the session once, and ends it when it is used again', async () => {
    const { userCode, deviceCode } = await started();
    expect((await poll(deviceCode)).headers['set-cookie']).toBeUndefined();
    await approve(userCode);
    const signedIn = await poll(deviceCode);
    const [cookie = ''] = String(signedIn.headers['set-cookie']).split(';');
    expect(String(signedIn.headers['set-cookie'])).toMatch(
      /^__Host-Http-buoy_refresh=ses_\w+\..+; Max-Age=2592000; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
    const renewed = await running.call('POST', '/auth/refresh', { headers: { cookie } });
    expect(renewed.statusCode).toBe(200);
    const { token } = renewed.json();
    expect((await running.call('GET', '/me', { token })).statusCode).toBe(200);
    expect((await running.call('POST', '/auth/refresh', { headers: { cookie } })).statusCode).toBe(401);
    const { sessions } = (await running.call('GET', '/me/sessions', { token: ada })).json();
    const ids = sessions.map(({ id }: { id: string }) => id);
    expect(ids).not.toContain(/=(ses_\w+)\./.exec(cookie)?.[1]);
  });

  test('returns 200 for exactly one of ten that ask at once', async () => {
    const { userCode, deviceCode } = await started();
    await approve(userCode);
    const answers = await Promise.all(Array.from({ length: 10 }, () => poll(deviceCode)));
    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1);
    expect(answers.filter(({ statusCode }) => statusCode === 401)).toHaveLength(9);
  });

  test('returns 200 for a device that sends one Idempotency-Key with each poll, and again when that answer was lost', async () => {
    const { userCode, deviceCode } = await started();
    const key = { 'idempotency-key': 'poll-1' };
    expect((await poll(deviceCode, key)).statusCode).toBe(428);
    await approve(userCode);
    const first = await poll(deviceCode, key);
    expect(first.statusCode).toBe(200);
    expect((await poll(deviceCode, key)).json()).toEqual(first.json());
  });

  test('returns 401 for the user code and for a made-up code', async () => {
    const { userCode } = await started();
    await approve(userCode);
    for (const code of [userCode, userCode.replace('-', ''), 'A'.repeat(43)])
      expect((await poll(code)).statusCode).toBe(401);
  });

  test('returns 401 for the session of a device that was signed out elsewhere', async () => {
    const { userCode, deviceCode } = await started();
    await approve(userCode);
    const { token } = (await poll(deviceCode)).json();
    const { sessions } = (await running.call('GET', '/me/sessions', { token })).json();
    const { id } = sessions.find(({ current }: { current: boolean }) => current);
    expect((await running.call('DELETE', `/me/sessions/${id}`, { token: ada })).statusCode).toBe(204);
    const response = await running.call('GET', '/me', { token });
    expect([response.statusCode, response.json().code]).toEqual([401, 'session_revoked']);
  });
});

describe('device approval page', () => {
  test('returns 200 with who asks, however the code is typed', async () => {
    const response = await begin({ ip: '198.51.100.7' });
    const { userCode } = response.json();
    for (const typed of [
      userCode,
      userCode.toLowerCase(),
      userCode.replace('-', ' '),
      userCode.replace('-', ''),
    ]) {
      const { statusCode, body } = await show(typed);
      expect(statusCode).toBe(200);
      const { device } = JSON.parse(body);
      expect(device).toMatchObject({ userCode, ip: '198.51.100.7', userAgent: 'buoy-cli/1.0' });
      expect(Date.parse(device.expiresAt) - Date.parse(device.createdAt)).toBe(600_000);
    }
  });

  test('returns 404 for a code that no device shows, 400 for an invalid one', async () => {
    expect((await show('BBBB-BBBB')).statusCode).toBe(404);
    expect((await approve('BBBB-BBBB')).statusCode).toBe(404);
    expect((await show('BBBB-BBB')).statusCode).toBe(400);
    expect((await approve('1234-5678')).statusCode).toBe(400);
  });

  test('returns 409 when any person has approved it already; the device belongs to the first one', async () => {
    const { userCode, deviceCode } = await started();
    const eve = await running.signIn(666);
    expect((await approve(userCode)).statusCode).toBe(204);
    expect((await approve(userCode, eve)).statusCode).toBe(409);
    expect((await approve(userCode)).statusCode).toBe(409);
    expect((await poll(deviceCode)).json().user.id).toBe(String(ADA));
  });

  test('returns 401 without a sign-in and 403 for an API token, and the device still waits', async () => {
    const { userCode, deviceCode } = await started();
    const made = await running.call('POST', '/me/tokens', {
      token: ada,
      body: { name: 'mighty', scopes: ['admin'] },
    });
    const { secret } = made.json().token;
    expect([(await show(userCode, null)).statusCode, (await approve(userCode, null)).statusCode]).toEqual([
      401, 401,
    ]);
    expect([(await show(userCode, secret)).statusCode, (await approve(userCode, secret)).statusCode]).toEqual(
      [403, 403],
    );
    expect((await poll(deviceCode)).statusCode).toBe(428);
  });
});

test('nothing on disk holds the device code', async () => {
  const { userCode, deviceCode } = await started();
  await poll(deviceCode, { 'idempotency-key': 'at-rest' });
  const files = readdirSync(running.dataDir, { recursive: true, withFileTypes: true }).filter((one) =>
    one.isFile(),
  );
  const bytes = files.map((file) => readFileSync(path.join(file.parentPath, file.name)));
  // Positive control: the user code is there, without its dash, so the search finds what is there.
  expect(bytes.some((content) => content.includes(userCode.replace('-', '')))).toBe(true);
  for (const content of bytes) expect(content.includes(deviceCode)).toBe(false);
});

test('audit log holds who approved which device and who signed in, no code, and no entry for polls', async () => {
  const boss = await running.signIn(SUPER_ID);
  const response = await begin({ ip: '198.51.100.8' });
  const { userCode, deviceCode } = response.json();
  await poll(deviceCode);
  await approve(userCode);
  await poll(deviceCode);
  await poll(deviceCode);
  // Without what other tests began: it is counted in one entry.
  const own = ({ action, details }: AuditEntry) =>
    action !== 'POST /auth/device' || details.count === undefined;
  const entries = (await auditLogOf(running, boss)).filter(own).slice(0, 4);
  expect(entries).toMatchObject([
    { action: 'POST /auth/device/token', userId: null, result: 'denied' },
    { action: 'POST /auth/device/token', userId: String(ADA), result: 'ok' },
    {
      action: 'POST /auth/device/approve',
      userId: String(ADA),
      result: 'ok',
      target: 'buoy-cli/1.0',
      details: { device: { ip: '198.51.100.8', userAgent: 'buoy-cli/1.0' } },
    },
    { action: 'POST /auth/device', userId: null, ip: '198.51.100.8', result: 'ok' },
  ]);
  for (const secret of [deviceCode, userCode, userCode.replace('-', '')])
    expect(JSON.stringify(entries)).not.toContain(secret);
});

describe('rate limits of the device login', () => {
  let counted: TestBuoy;
  beforeAll(async () => {
    counted = await startTestBuoy({ RATE_LIMIT_AUTH: '2', APP_DOMAIN: 'buoy.example.org' });
  });
  afterAll(() => counted.close());

  test('polls of a device are never refused, and guesses at the short code soon return 429', async () => {
    const token = await counted.signIn(ADA);
    const { userCode, deviceCode, verificationUrl } = (await counted.call('POST', '/auth/device')).json();
    expect(verificationUrl).toBe(`https://buoy.example.org/device#code=${userCode}`);
    for (let question = 0; question < 12; question += 1) {
      const { statusCode } = await counted.call('POST', '/auth/device/token', { body: { deviceCode } });
      expect(statusCode).toBe(428);
    }
    const guess = { userCode: 'BBBB-BBBB' };
    const shown = await counted.call('GET', '/auth/device?userCode=BBBB-BBBB', { token });
    const approved = await counted.call('POST', '/auth/device/approve', { token, body: guess });
    expect([shown.statusCode, approved.statusCode]).toEqual([404, 404]);
    const refused = [
      await counted.call('GET', '/auth/device?userCode=BBBB-BBBB', { token }),
      await counted.call('POST', '/auth/device/approve', { token, body: guess }),
    ];
    expect(refused.map(({ statusCode }) => statusCode)).toEqual([429, 429]);
    const { statusCode } = await counted.call('POST', '/auth/device/token', { body: { deviceCode } });
    expect(statusCode).toBe(428);
  });
});
