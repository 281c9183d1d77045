// The addresses that Buoy prints can be opened as they are.
import { createServer, isIP } from 'node:net';
import { expect, test } from 'vitest';
import { deviceUrl, inviteUrl, linkUrl, listenUrl, publicBase, urlAt } from './urls.ts';

test('a printed URL has IPv4 as it is and IPv6 in brackets', () => {
  expect(listenUrl({ address: '127.0.0.1', family: 'IPv4', port: 8080 })).toBe('http://127.0.0.1:8080');
  expect(listenUrl({ address: '::1', family: 'IPv6', port: 443 })).toBe('http://[::1]:443');
  expect(new URL(listenUrl({ address: '::', family: 'IPv6', port: 1 })).port).toBe('1');
});

test.each(['0.0.0.0', '::'])('a printed URL replaces %s with an address of this machine', (host) => {
  const { hostname, port } = new URL(urlAt(host, 8080, 'http'));
  expect(port).toBe('8080');
  expect(isIP(hostname.replace(/^\[|\]$/g, ''))).not.toBe(0);
  expect(['0.0.0.0', '[::]']).not.toContain(hostname);
});

test('a printed URL keeps a host name', () => {
  expect(urlAt('localhost', 80, 'http')).toBe('http://localhost:80');
  expect(urlAt('localhost', 443, 'https')).toBe('https://localhost:443');
});

test('a printed URL names the listening address', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  expect(listenUrl(server.address())).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  await new Promise((resolve) => server.close(resolve));
});

test.each([linkUrl, inviteUrl, deviceUrl])('a link has its code in the fragment', (link) => {
  const url = new URL(link('https://buoy.example.org', 'the-code'));
  expect(url.hash).toBe('#code=the-code');
  expect(`${url.pathname}${url.search}`).not.toContain('the-code');
});

test("the public origin is APP_DOMAIN or the caller's origin", () => {
  expect(publicBase('buoy.example.org', 'http://10.0.0.5:8080')).toBe('https://buoy.example.org');
  expect(publicBase(null, 'http://10.0.0.5:8080')).toBe('http://10.0.0.5:8080');
});
