import { expect, test } from 'vitest';
import { maskSecretPath } from './secret-paths.ts';

test.each([
  ['/status/planted', '/status/[redacted]'],
  ['/api/status/planted', '/api/status/[redacted]'],
  ['/api/status/planted?x=1', '/api/status/[redacted]'],
  ['/api/status/planted/more', '/api/status/[redacted]'],
  ['//status//planted', '//status//[redacted]'],
  ['/STATUS/planted', '/STATUS/[redacted]'],
  ['/%73tatus/planted', '/status/[redacted]'],
  ['/api/%73%74%61%74%75%73%2fplanted', '/api/status/[redacted]'],
  ['/status/%70lanted', '/status/[redacted]'],
  ['/x?next=/status/planted', '/x?next=/status/[redacted]'],
])('%s is shown without its token', (url, shown) => {
  expect(maskSecretPath(url)).toBe(shown);
});

test.each([
  '/api/status-pages/stp_1/rotate',
  '/api/servers/s/openclaw/status?fresh=true',
  '/api/servers/s/openclaw/agents/a%20b',
  '/status',
  '/status/',
])('%s is shown as it is', (url) => {
  expect(maskSecretPath(url)).toBe(url);
});

test('a path of 64 KB costs little', () => {
  const before = performance.now();
  maskSecretPath('/status/'.repeat(8_192));
  maskSecretPath(`/status${'/'.repeat(65_536)}`);
  maskSecretPath('%2f'.repeat(21_845));
  expect(performance.now() - before).toBeLessThan(50);
});
