// Ids and secrets: never twice, and of a form that paths, logs and the contract take.
import { id } from '@buoy/contract';
import { expect, test } from 'vitest';
import { newId, newSecret, sha256 } from './ids.ts';

test('newId is prefixed, matches the contract and never repeats', () => {
  const ids = Array.from({ length: 10_000 }, () => newId('srv'));
  expect(new Set(ids).size).toBe(ids.length);
  for (const one of ids) {
    expect(one).toMatch(/^srv_[A-Za-z0-9]{20}$/);
    expect(id.safeParse(one).success).toBe(true);
  }
});

test('newSecret is 256 bits in URL-safe text and never repeats', () => {
  const secrets = Array.from({ length: 10_000 }, newSecret);
  expect(new Set(secrets).size).toBe(secrets.length);
  for (const secret of secrets) {
    expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
  }
});

test('a hash is the SHA-256 of the text in UTF-8', () => {
  // FIPS 180-2, appendix B.1; the second from `printf '🦞' | sha256sum`.
  expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect(sha256('🦞')).toBe('753ef6099fc6ae881dd988f35921fd53cb5894297de2af94ee2a7b7c2798f44b');
});
