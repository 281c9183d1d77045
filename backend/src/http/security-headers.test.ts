// What browsers are told: which pages may show Buoy in a frame, which may call it, what its pages may load.
import { afterEach, describe, expect, test } from 'vitest';
import { type DoorApp, startDoorApp } from '../../test/support/durability-app.ts';

let running: DoorApp;
afterEach(() => running.close());

/** The Content-Security-Policy as directive → sources. */
async function policy(appDomain: string | null = null): Promise<Record<string, string[]>> {
  running = await startDoorApp({ appDomain });
  const { headers } = await running.app.inject('/api/health');
  return Object.fromEntries(
    String(headers['content-security-policy'])
      .split(';')
      .map((directive) => directive.trim().split(' '))
      .map(([name = '', ...sources]) => [name, sources]),
  );
}

describe('frames', () => {
  test("admit Telegram's web clients and Buoy itself, nobody else", async () => {
    expect((await policy())['frame-ancestors']?.sort()).toEqual([
      "'self'",
      'https://*.telegram.org',
      'https://web.telegram.org',
    ]);
  });

  test('are not shut by the older header, which cannot name Telegram', async () => {
    await policy();
    expect((await running.app.inject('/api/health')).headers).not.toHaveProperty('x-frame-options');
  });
});

describe('pages', () => {
  test('run scripts of Buoy itself only: none inline, none evaluated, none from elsewhere', async () => {
    const directives = await policy();
    expect(directives['script-src']).toEqual(["'self'"]);
    expect(directives['default-src']).toEqual(["'none'"]);
    expect(directives['base-uri']).toEqual(["'none'"]);
    expect(directives['connect-src']).toEqual(["'self'"]);
    expect(JSON.stringify(directives)).not.toMatch(/unsafe|\*'|"\*"/);
  });

  test('are not sniffed for types, and tell no other site where they were', async () => {
    await policy();
    const { headers } = await running.app.inject('/api/health');
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
  });

  test('insist on TLS only where there is a domain', async () => {
    await policy();
    expect((await running.app.inject('/api/health')).headers).not.toHaveProperty('strict-transport-security');
    await running.close();
    await policy('buoy.example.org');
    expect((await running.app.inject('/api/health')).headers).toHaveProperty('strict-transport-security');
  });

  test('have these headers on errors too', async () => {
    running = await startDoorApp();
    for (const url of ['/api/me', '/api/nowhere'])
      expect((await running.app.inject(url)).headers).toHaveProperty('content-security-policy');
  });
});

describe('calls from pages of other origins', () => {
  const preflight = (origin: string) =>
    running.app.inject({
      method: 'OPTIONS',
      url: '/api/servers',
      headers: {
        origin,
        'access-control-request-method': 'PUT',
        'access-control-request-headers': 'authorization,if-match',
      },
    });

  test('are not admitted without a domain: no such header at all', async () => {
    running = await startDoorApp();
    for (const response of [
      await preflight('https://evil.example'),
      await running.app.inject({ url: '/api/health', headers: { origin: 'https://evil.example' } }),
    ])
      expect(Object.keys(response.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
  });

  test('are admitted from the domain by https, with what the web app sends and reads', async () => {
    running = await startDoorApp({ appDomain: 'buoy.example.org' });
    const { headers, statusCode } = await preflight('https://buoy.example.org');
    expect(statusCode).toBe(204);
    expect(headers['access-control-allow-origin']).toBe('https://buoy.example.org');
    for (const name of ['authorization', 'if-match', 'idempotency-key', 'last-event-id', 'content-type'])
      expect(String(headers['access-control-allow-headers'])).toContain(name);
    for (const method of ['GET', 'POST', 'PUT', 'DELETE'])
      expect(String(headers['access-control-allow-methods'])).toContain(method);
    const answer = await running.app.inject({
      url: '/api/health',
      headers: { origin: 'https://buoy.example.org' },
    });
    expect(String(answer.headers['access-control-expose-headers'])).toContain('x-request-id');
  });

  test.each([
    'https://evil.example',
    'http://buoy.example.org',
    'https://buoy.example.org.evil.example',
    'null',
  ])('are not admitted from %s', async (origin) => {
    running = await startDoorApp({ appDomain: 'buoy.example.org' });
    const { headers } = await preflight(origin);
    expect(headers['access-control-allow-origin']).not.toBe(origin);
    expect(headers['access-control-allow-origin']).not.toBe('*');
    expect(headers).not.toHaveProperty('access-control-allow-credentials');
  });
});
