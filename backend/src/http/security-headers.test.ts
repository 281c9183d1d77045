// Security headers: framing, CORS, and what Buoy's pages may load.
import { afterEach, describe, expect, test } from 'vitest';
import { type DurabilityApp, startDurabilityApp } from '../../test/support/durability-app.ts';

let running: DurabilityApp;
afterEach(() => running.close());

/** The Content-Security-Policy as directive → sources. */
async function policy(appDomain: string | null = null): Promise<Record<string, string[]>> {
  running = await startDurabilityApp({ appDomain });
  const { headers } = await running.app.inject('/api/health');
  return Object.fromEntries(
    String(headers['content-security-policy'])
      .split(';')
      .map((directive) => directive.trim().split(' '))
      .map(([name = '', ...sources]) => [name, sources]),
  );
}

describe('frame-ancestors', () => {
  test("allows only Telegram's web clients and Buoy itself", async () => {
    expect((await policy())['frame-ancestors']?.sort()).toEqual([
      "'self'",
      'https://*.telegram.org',
      'https://web.telegram.org',
    ]);
  });

  test('is used without X-Frame-Options, which cannot name Telegram', async () => {
    await policy();
    expect((await running.app.inject('/api/health')).headers).not.toHaveProperty('x-frame-options');
  });
});

describe('security headers of pages', () => {
  test("allow only Buoy's own scripts: no inline, eval or other origins", async () => {
    const directives = await policy();
    expect(directives['script-src']).toEqual(["'self'"]);
    expect(directives['default-src']).toEqual(["'none'"]);
    expect(directives['base-uri']).toEqual(["'none'"]);
    expect(directives['connect-src']).toEqual(["'self'"]);
    expect(JSON.stringify(directives)).not.toMatch(/unsafe|\*'|"\*"/);
  });

  test('forbid MIME sniffing and the Referer to other sites', async () => {
    await policy();
    const { headers } = await running.app.inject('/api/health');
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
  });

  test('set HSTS only with a configured domain', async () => {
    await policy();
    expect((await running.app.inject('/api/health')).headers).not.toHaveProperty('strict-transport-security');
    await running.close();
    await policy('buoy.example.org');
    expect((await running.app.inject('/api/health')).headers).toHaveProperty('strict-transport-security');
  });

  test('are set on errors too', async () => {
    running = await startDurabilityApp();
    for (const url of ['/api/me', '/api/nowhere'])
      expect((await running.app.inject(url)).headers).toHaveProperty('content-security-policy');
  });
});

describe('CORS', () => {
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

  test('sends no header without a configured domain', async () => {
    running = await startDurabilityApp();
    for (const response of [
      await preflight('https://evil.example'),
      await running.app.inject({ url: '/api/health', headers: { origin: 'https://evil.example' } }),
    ])
      expect(Object.keys(response.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
  });

  test('allows the configured domain by https, with the headers that the web app uses', async () => {
    running = await startDurabilityApp({ appDomain: 'buoy.example.org' });
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
  ])('refuses %s', async (origin) => {
    running = await startDurabilityApp({ appDomain: 'buoy.example.org' });
    const { headers } = await preflight(origin);
    expect(headers['access-control-allow-origin']).not.toBe(origin);
    expect(headers['access-control-allow-origin']).not.toBe('*');
    expect(headers).not.toHaveProperty('access-control-allow-credentials');
  });
});
