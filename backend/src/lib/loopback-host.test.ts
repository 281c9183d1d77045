import { expect, test } from 'vitest';
import { isLoopbackHost } from './loopback-host.ts';

test.each(['127.0.0.1', '127.9.9.9', '::1', '[::1]', 'localhost', 'LOCALHOST', 'buoy.localhost'])(
  '%s is a loopback host',
  (host) => expect(isLoopbackHost(host)).toBe(true),
);

test.each([
  '',
  '0.0.0.0',
  '::',
  '192.168.1.5',
  '127.0.0.1.example.org',
  '[fe80::1]',
  'localhost.example',
  'notlocalhost',
])('%s is not a loopback host', (host) => expect(isLoopbackHost(host)).toBe(false));
