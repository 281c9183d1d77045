import { expect, it } from 'vitest';
import { addressOf } from './address-of.ts';

it.each([
  ['web.example.com', 22, 'web.example.com'],
  ['web.example.com', 2222, 'web.example.com:2222'],
  ['2001:db8::17', 22, '2001:db8::17'],
  ['2001:db8::17', 2222, '[2001:db8::17]:2222'],
])('%s with port %i is written %s', (host, port, text) => {
  expect(addressOf({ host, port })).toBe(text);
});
