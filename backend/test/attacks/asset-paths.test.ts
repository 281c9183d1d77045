// Path traversal: requests for files of the web app whose paths lead out of its folder.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { createLogger } from '../../src/lib/create-logger.ts';
import { type Buoy, wire } from '../../src/wiring.ts';

let folder: string;
let buoy: Buoy;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'buoy-assets-'));
  const webRoot = path.join(folder, 'web');
  mkdirSync(path.join(webRoot, 'assets', 'fonts'), { recursive: true });
  writeFileSync(path.join(webRoot, 'index.html'), '<title>page</title>');
  writeFileSync(path.join(webRoot, 'assets', 'app.js'), 'app()');
  writeFileSync(path.join(webRoot, 'assets', 'fonts', 'one.woff2'), 'font');
  writeFileSync(path.join(folder, 'secret'), 'secret');
  const config = loadConfig({
    DATA_DIR: path.join(folder, 'data'),
    LOG_LEVEL: 'silent',
    RATE_LIMIT_GLOBAL: '1000000',
  });
  buoy = await wire(config, createLogger(config.logLevel), { version: '0.0.0-test', webRoot });
  await buoy.app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await buoy.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Sends the path over the wire unchanged; an HTTP client would normalize it. */
function get(url: string, method = 'GET'): Promise<{ status: number; type: string; body: string }> {
  const { port } = buoy.app.server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: url, method, agent: false }, (response) => {
      let body = '';
      response.on('data', (chunk) => {
        body += String(chunk);
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, type: String(response.headers['content-type']), body }),
      );
    })
      .on('error', reject)
      .end();
  });
}

describe('path traversal in the web app', () => {
  test.each([
    '/assets/..',
    '/assets/../',
    '/assets/%2e%2e',
    '/assets/%2E%2E/',
    '/assets/..%2f',
    '/assets/../index.html',
    '/assets/..%2f..%2fsecret',
    '/assets/%2e%2e%2f%2e%2e%2fsecret',
    '/assets/..%5c..%5csecret',
    '/assets/fonts/../../../secret',
    '/assets//',
    '/assets/.',
    '/assets/%00',
    '/assets/app.js%00',
  ])('returns the plain 404 for %s', async (url) => {
    const { status, type, body } = await get(url);
    expect({ status, type, code: JSON.parse(body).code }).toEqual({
      status: 404,
      type: 'application/json; charset=utf-8',
      code: 'not_found',
    });
    expect(body).not.toContain(folder);
  });
});

test('web app serves its files but no folder listing', async () => {
  expect(await get('/assets/app.js')).toMatchObject({ status: 200, body: 'app()' });
  expect(await get('/assets/fonts/one.woff2')).toMatchObject({ status: 200, body: 'font' });
  expect(await get('/assets/app.js?v=1')).toMatchObject({ status: 200 });
  for (const url of ['/assets/', '/assets/fonts', '/assets/fonts/', '/assets/.hidden', '/assets/absent.js'])
    expect(await get(url)).toMatchObject({ status: 404 });
});

describe('methods other than GET and HEAD on the web app', () => {
  test.each(['POST', 'PUT', 'DELETE'])('%s returns 405', async (method) => {
    for (const url of ['/', '/servers/srv_1', '/assets/app.js'])
      expect(await get(url, method)).toMatchObject({ status: 405, body: expect.stringContaining('GET') });
  });

  test('HEAD returns the headers of GET', async () => {
    for (const url of ['/', '/servers/srv_1', '/assets/app.js'])
      expect(await get(url, 'HEAD')).toEqual({ ...(await get(url)), body: '' });
  });
});
