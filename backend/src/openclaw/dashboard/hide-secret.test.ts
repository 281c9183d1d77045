import { text as textOf } from 'node:stream/consumers';
import { setImmediate as othersTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSecretMask } from './hide-secret.ts';

const inJson = (text: string) => JSON.stringify(text).slice(1, -1);
const secret = 'gw-"0123456789"\\é';

describe('the secret', () => {
  test.each([
    ['as it is', secret],
    ['in JSON', JSON.stringify({ a: secret, b: `x${secret}y` })],
    ['in an address', `/?token=${encodeURIComponent(secret)}#`],
  ])('is masked %s, and the length stays', (_where, text) => {
    const hidden = createSecretMask(secret).inText(text);
    expect(hidden).not.toContain('0123456789');
    expect(Buffer.byteLength(hidden)).toBe(Buffer.byteLength(text));
  });

  test('is refused in a text that repeats it endlessly', () => {
    expect(createSecretMask(secret).inText(secret.repeat(10_000))).toBe(
      '*'.repeat(Buffer.byteLength(secret) * 10_000),
    );
    expect(() => createSecretMask(secret).inText(secret.repeat(10_001))).toThrow('repeats its secret');
  });

  test('is not masked when it is missing or too short to be distinguished from other text', () => {
    expect(createSecretMask('abc').inText('a abc')).toBe('a abc');
    expect(createSecretMask(null).inText('a abc')).toBe('a abc');
  });

  test('is masked in a stream wherever its chunks end', async () => {
    const plain = 'gateway-secret';
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('x', '\n', 'gate', plain), { maxLength: 12 }),
        fc.integer({ min: 1, max: 9 }),
        async (parts, size) => {
          const text = parts.join('');
          const stream = createSecretMask(plain).stream();
          const got = textOf(stream);
          for (let at = 0; at < text.length; at += size) stream.write(Buffer.from(text.slice(at, at + size)));
          stream.end();
          expect(await got).toBe(text.replaceAll(plain, '*'.repeat(plain.length)));
        },
      ),
      { numRuns: 60 },
    );
  });

  test.each([
    ['one that repeats itself', 'aabaa'],
    ['one that JSON and addresses write otherwise', 'a"é"a'],
  ])('is masked in a stream as in a text, also %s', async (_what, repeated) => {
    const forms = ['a', '"', 'é', repeated, inJson(repeated), encodeURIComponent(repeated)];
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...forms), { maxLength: 12 }),
        fc.integer({ min: 1, max: 9 }),
        async (parts, size) => {
          const mask = createSecretMask(repeated);
          const bytes = Buffer.from(parts.join(''));
          const stream = mask.stream();
          const got = textOf(stream);
          for (let at = 0; at < bytes.length; at += size) stream.write(bytes.subarray(at, at + size));
          stream.end();
          expect(await got).toBe(mask.inText(parts.join('')));
        },
      ),
      { numRuns: 200 },
    );
  });

  test('is masked in the parts of a frame as in a text, wherever they end', async () => {
    const repeated = 'a"é"a';
    const forms = ['a', '"', 'é', repeated, inJson(repeated), encodeURIComponent(repeated)];
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...forms), { maxLength: 12 }),
        fc.integer({ min: 1, max: 9 }),
        async (texts, size) => {
          const mask = createSecretMask(repeated);
          const text = texts.join('');
          const bytes = Buffer.from(text);
          const parts: Buffer[] = [];
          for (let at = 0; at < bytes.length; at += size) parts.push(bytes.subarray(at, at + size));
          await mask.inParts(parts, { myTurn: othersTurn, signal: new AbortController().signal });
          expect(bytes.toString()).toBe(mask.inText(text));
        },
      ),
      { numRuns: 200 },
    );
  });

  test('is searched for in a long frame only as long as somebody wants it', async () => {
    const leaving = new AbortController();
    const searching = createSecretMask('aaaaaaab').inParts([Buffer.alloc(8_000_000, 'aaaaaaac')], {
      myTurn: othersTurn,
      signal: leaving.signal,
    });
    leaving.abort(new Error('The browser has left.'));
    await expect(searching).rejects.toThrow('The browser has left.');
  });

  test('when missing leaves a stream unchanged', async () => {
    const stream = createSecretMask(null).stream();
    stream.end(Buffer.from('abc'));
    expect(await textOf(stream)).toBe('abc');
  });
});
