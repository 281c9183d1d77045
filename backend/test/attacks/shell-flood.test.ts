// The web page and the health check have no rate limit, so neither may cost much.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { createLogger } from '../../src/lib/create-logger.ts';
import { type Buoy, wire } from '../../src/wiring.ts';

const PAGE = `<title>page</title>${'x'.repeat(2_000)}`;
let folder: string;
let buoy: Buoy;
let url: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'buoy-shell-'));
  const webRoot = path.join(folder, 'web');
  mkdirSync(path.join(webRoot, 'assets'), { recursive: true });
  writeFileSync(path.join(webRoot, 'index.html'), PAGE);
  writeFileSync(path.join(webRoot, 'assets', 'app.js'), 'app()');
  const config = loadConfig({
    DATA_DIR: path.join(folder, 'data'),
    LOG_LEVEL: 'silent',
    RATE_LIMIT_GLOBAL: '2',
  });
  buoy = await wire(config, createLogger(config.logLevel), { version: '0.0.0-test', webRoot });
  url = await buoy.app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await buoy.close();
  rmSync(folder, { recursive: true, force: true });
});

const get = (where: string, headers: Record<string, string> = {}) => fetch(`${url}${where}`, { headers });

describe('web page for an address that has used up its calls', () => {
  test('is served at every path of the web app, with its files and the health check', async () => {
    for (const status of [401, 401, 429, 429]) expect((await get('/api/me')).status).toBe(status);
    for (const where of ['/', '/servers/srv_1', '/sign-in', '/anything'])
      expect(await (await get(where)).text(), where).toBe(PAGE);
    expect(await (await get('/assets/app.js')).text()).toBe('app()');
    expect((await get('/api/health')).status).toBe(200);
    expect((await get('/api/nowhere')).status).toBe(429);
    expect((await fetch(`${url}/`, { method: 'POST' })).status).toBe(429);
  });

  test('is revalidated each time and sent again only when it has changed', async () => {
    const first = await get('/');
    expect(first.headers.get('cache-control')).toBe('no-cache');
    expect(first.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const again = await get('/servers', { 'if-none-match': String(first.headers.get('etag')) });
    expect([again.status, await again.text()]).toEqual([304, '']);
  });
});

test('a thousand requests for the page at once open no file', async () => {
  const descriptors = () => readdirSync('/proc/self/fd').length;
  let most = 0;
  const before = descriptors();
  const pages = Array.from({ length: 1_000 }, async () => {
    const answer = await buoy.app.inject({ url: '/servers' });
    most = Math.max(most, descriptors());
    return answer.statusCode;
  });
  expect(new Set(await Promise.all(pages))).toEqual(new Set([200]));
  expect(most).toBeLessThanOrEqual(before + 1);
});
