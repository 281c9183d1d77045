// The API reference over HTTP: its page, its files and the headers that isolate it from the app.
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { referencePage } from '../src/http/api-reference.ts';
import { startTestBuoy, type TestBuoy } from './support/test-buoy.ts';

let running: TestBuoy;
let app: FastifyInstance;
beforeAll(async () => {
  running = await startTestBuoy();
  app = running.buoy.app;
});
afterAll(() => running.close());

const policyOf = (header: unknown) =>
  Object.fromEntries(
    String(header)
      .split(';')
      .map((directive) => directive.trim().split(' '))
      .map(([name = '', ...values]) => [name, values]),
  );

describe('GET /api/docs', () => {
  test('returns a page with the served document, without a token', async () => {
    const { statusCode, headers, body } = await app.inject('/api/docs');
    expect(statusCode).toBe(200);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    const data = /<script type="application\/json" id="document">(.*)<\/script>/.exec(body)?.[1] ?? '';
    expect(JSON.parse(data)).toEqual((await app.inject('/api/openapi.json')).json());
  });

  test('does not block the event loop while the document is built', async () => {
    const fresh = await startTestBuoy();
    let turns = 0;
    let next = setImmediate(function count() {
      turns += 1;
      next = setImmediate(count);
    });
    const { paths } = (await fresh.buoy.app.inject('/api/openapi.json')).json();
    clearImmediate(next);
    await fresh.close();
    expect(turns).toBeGreaterThan(Object.keys(paths).length);
  });

  test('runs in its own origin, may make no calls, and cannot be framed', async () => {
    const { headers } = await app.inject('/api/docs');
    const policy = policyOf(headers['content-security-policy']);
    expect(policy.sandbox).toContain('allow-scripts');
    expect(policy.sandbox).not.toContain('allow-same-origin');
    expect(policy['default-src']).toEqual(["'none'"]);
    expect(policy['connect-src']).toEqual(["'none'"]);
    expect(policy['script-src']).toEqual(["'self'"]);
    expect(policy['style-src']).toEqual(["'self'"]);
    expect(policy['form-action']).toEqual(["'none'"]);
    expect(policy['frame-ancestors']).toEqual(["'none'"]);
    expect(headers).not.toHaveProperty('set-cookie');
  });

  test('leaves the policy of all other pages unchanged', async () => {
    for (const url of ['/', '/api/health', '/api/docs/nothing'])
      expect(policyOf((await app.inject(url)).headers['content-security-policy'])).not.toHaveProperty(
        'sandbox',
      );
  });

  test('loads only scripts and styles that Buoy serves itself', async () => {
    const { body } = await app.inject('/api/docs');
    const links = [...body.matchAll(/ (?:src|href)="([^"]+)"/g)].map(([, link = '']) => link);
    expect(links.length).toBeGreaterThan(3);
    for (const link of links) {
      expect(link).toMatch(/^\/api\//);
      expect((await app.inject(link)).statusCode, link).toBe(200);
    }
  });

  test('keeps text that tries to close its element inside the document', () => {
    const hostile = { info: { title: '</script><script>alert(1)</script><!--' } };
    const page = referencePage(hostile);
    expect(page).not.toContain('<script>alert');
    expect(page).not.toContain('<!--');
    const data = /id="document">(.*)<\/script>/.exec(page)?.[1] ?? '';
    expect(JSON.parse(data)).toEqual(hostile);
  });
});

describe('GET /api/docs/:file', () => {
  test.each([
    ['swagger-ui-bundle.js', 'text/javascript; charset=utf-8'],
    ['swagger-ui.css', 'text/css; charset=utf-8'],
    ['reference.js', 'text/javascript; charset=utf-8'],
    ['reference.css', 'text/css; charset=utf-8'],
  ])('serves %s to a page without an origin', async (file, type) => {
    const { statusCode, headers, body } = await app.inject(`/api/docs/${file}`);
    expect(statusCode).toBe(200);
    expect(headers['content-type']).toBe(type);
    expect(headers['cross-origin-resource-policy']).toBe('cross-origin');
    expect(body.length).toBeGreaterThan(100);
  });

  test.each([
    'package.json',
    'index.html',
    'swagger-ui-bundle.js.map',
    '..%2fapi-reference.ts',
    'constructor',
    '__proto__',
    '%00',
  ])('returns 404 for %s', async (file) => {
    const { statusCode, headers } = await app.inject(`/api/docs/${file}`);
    expect(statusCode).toBe(404);
    expect(headers['content-type']).toMatch(/^application\/json/);
  });
});
