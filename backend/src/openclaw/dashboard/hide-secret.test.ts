import { text as textOf } from 'node:stream/consumers';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hideIn, hidingStream } from './hide-secret.ts';

const secret = 'gw-"0123456789"\\é';

describe('the secret', () => {
  test.each([
    ['as it is', secret],
    ['in JSON', JSON.stringify({ a: secret, b: `x${secret}y` })],
    ['in an address', `/?token=${encodeURIComponent(secret)}#`],
  ])('is masked %s, and the length stays', (_where, text) => {
    const hidden = hideIn(text, secret);
    expect(hidden).not.toContain('0123456789');
    expect(Buffer.byteLength(hidden)).toBe(Buffer.byteLength(text));
  });

  test('is refused in a text that repeats it endlessly', () => {
    expect(hideIn(secret.repeat(10_000), secret)).toBe('*'.repeat(Buffer.byteLength(secret) * 10_000));
    expect(() => hideIn(secret.repeat(10_001), secret)).toThrow('repeats its secret');
  });

  test('is not masked when it is missing or too short to be distinguished from other text', () => {
    expect(hideIn('a abc', 'abc')).toBe('a abc');
    expect(hideIn('a abc', null)).toBe('a abc');
  });

  test('is masked in a stream wherever its chunks end', async () => {
    const plain = 'gateway-secret';
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('x', '\n', 'gate', plain), { maxLength: 12 }),
        fc.integer({ min: 1, max: 9 }),
        async (parts, size) => {
          const text = parts.join('');
          const stream = hidingStream(plain);
          const got = textOf(stream);
          for (let at = 0; at < text.length; at += size) stream.write(Buffer.from(text.slice(at, at + size)));
          stream.end();
          expect(await got).toBe(text.replaceAll(plain, '*'.repeat(plain.length)));
        },
      ),
      { numRuns: 60 },
    );
  });

  test('when missing leaves a stream unchanged', async () => {
    const stream = hidingStream(null);
    stream.end(Buffer.from('abc'));
    expect(await textOf(stream)).toBe('abc');
  });
});
