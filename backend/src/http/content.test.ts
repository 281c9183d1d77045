// File downloads as a whole, in ranges, resumed, and with ranges outside the file.
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Content, sendContent } from './content.ts';
import { sendProblem } from './problem.ts';

const bytes = randomBytes(100_000);
const etag = 'a1b2';

const file = (content: Buffer = bytes): Content => ({
  filename: 'buoy-2026.db.gz',
  sizeBytes: content.length,
  etag,
  open: ({ start, end }) => Readable.from([content.subarray(start, end + 1)]),
});

let app: FastifyInstance;
let content: Content;
beforeEach(() => {
  content = file();
  app = Fastify();
  app.setErrorHandler(sendProblem);
  app.get('/file', (request, reply) => sendContent(request, reply, 'application/gzip', content));
});
afterEach(() => app.close());

const get = (headers: Record<string, string> = {}) => app.inject({ method: 'GET', url: '/file', headers });

describe('a file download', () => {
  test('is sent whole, with length, filename, ETag and Accept-Ranges', async () => {
    const answer = await get();
    expect(answer.statusCode).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/gzip',
      'content-length': '100000',
      'content-disposition': 'attachment; filename="buoy-2026.db.gz"',
      'accept-ranges': 'bytes',
      etag: '"a1b2"',
      'cache-control': 'no-store',
    });
    expect(answer.rawPayload.equals(bytes)).toBe(true);
  });

  test.each([
    ['bytes=0-99', 0, 99],
    ['bytes=99999-99999', 99_999, 99_999],
    ['bytes=50000-', 50_000, 99_999],
    ['bytes=-1', 99_999, 99_999],
    ['bytes=-500', 99_500, 99_999],
    ['bytes=99000-4000000000', 99_000, 99_999],
    ['bytes=-4000000000', 0, 99_999],
    ['Bytes=10-20', 10, 20],
    ['bytes=0-99999999999999999999999', 0, 99_999],
  ])('answers 206 for %s', async (range, start, end) => {
    const answer = await get({ range });
    expect(answer.statusCode).toBe(206);
    expect(answer.headers).toMatchObject({
      'content-range': `bytes ${start}-${end}/100000`,
      'content-length': String(end - start + 1),
    });
    expect(answer.rawPayload.equals(bytes.subarray(start, end + 1))).toBe(true);
  });

  test.each(['bytes=100000-', 'bytes=100000-100001', 'bytes=-0', 'bytes=99999999999999999999999-'])(
    'answers 416 for %s, with the size, as an error and not as an attachment',
    async (range) => {
      const answer = await get({ range });
      expect(answer.statusCode).toBe(416);
      expect(answer.headers['content-range']).toBe('bytes */100000');
      expect(answer.headers['content-type']).toContain('application/json');
      expect(answer.headers['content-disposition']).toBeUndefined();
      expect(answer.json()).toMatchObject({ code: 'range_not_satisfiable' });
    },
  );

  test.each(['bytes=5-2', 'bytes=', 'bytes=-', 'bytes=a-b', 'lines=0-1', 'bytes=0-1,5-6', 'bytes 0-1', ''])(
    'answers 200 with the whole file for "%s", which is not a single byte range',
    async (range) => {
      const answer = await get({ range });
      expect(answer.statusCode).toBe(200);
      expect(answer.rawPayload.length).toBe(100_000);
    },
  );

  test.each([
    ['the mark of this file', '"a1b2"', 206],
    ['the mark of another one', '"c3d4"', 200],
    ['a weak mark, which says nothing about single bytes', 'W/"a1b2"', 200],
    ['a date', 'Wed, 21 Oct 2026 07:28:00 GMT', 200],
  ])('honours If-Range: %s', async (_what, ifRange, status) => {
    const answer = await get({ range: 'bytes=0-9', 'if-range': ifRange });
    expect(answer.statusCode).toBe(status);
    expect(answer.rawPayload.length).toBe(status === 206 ? 10 : 100_000);
  });

  test('fetched in parts of any size yields the same bytes', async () => {
    const parts: Buffer[] = [];
    for (let start = 0; start < bytes.length; ) {
      const end = start + 1 + ((start * 7) % 9_973);
      const { rawPayload } = await get({ range: `bytes=${start}-${end}`, 'if-range': `"${etag}"` });
      parts.push(rawPayload);
      start += rawPayload.length;
    }
    expect(Buffer.concat(parts).equals(bytes)).toBe(true);
  });

  test('of an empty file is sent and has no ranges', async () => {
    content = { ...file(Buffer.alloc(0)), open: () => expect.unreachable() } as Content;
    const whole = await get();
    expect(whole.statusCode).toBe(200);
    expect(whole.headers['content-length']).toBe('0');
    expect(whole.rawPayload.length).toBe(0);
    expect((await get({ range: 'bytes=0-' })).statusCode).toBe(416);
    expect((await get({ range: 'bytes=-5' })).statusCode).toBe(416);
  });

  test('with a hostile filename does not break the headers', async () => {
    content = { ...file(), filename: 'a"; evil\r\nx-injected: 1' } as Content;
    const answer = await get();
    expect(answer.headers['content-disposition']).toBe('attachment; filename="a___evil__x-injected__1"');
    expect(answer.headers['x-injected']).toBeUndefined();
  });

  test('answers HEAD without opening the file', async () => {
    let opened = 0;
    content = {
      ...file(),
      open: () => {
        opened += 1;
        return Readable.from([bytes]);
      },
    } as Content;
    const answer = await app.inject({ method: 'HEAD', url: '/file' });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers).toMatchObject({ 'content-length': '100000', 'accept-ranges': 'bytes' });
    expect(answer.rawPayload.length).toBe(0);
    expect(opened).toBe(0);
  });

  test('closes the file when the client stops reading', async () => {
    const endless = new Readable({
      read() {
        this.push(Buffer.alloc(65_536));
      },
    });
    content = { filename: 'x', sizeBytes: 10 ** 12, etag, open: () => endless };
    const address = await app.listen({ port: 0, host: '127.0.0.1' });
    const abort = new AbortController();
    const response = await fetch(`${address}/file`, { signal: abort.signal });
    await response.body?.getReader().read();
    const closed = new Promise((resolve) => endless.once('close', resolve));
    abort.abort();
    await closed;
    expect(endless.destroyed).toBe(true);
  });
});

describe('text and line content', () => {
  test('sends a text unchanged', async () => {
    content = { text: 'buoy_up 1\n' };
    const answer = await get();
    expect(answer.body).toBe('buoy_up 1\n');
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.headers['accept-ranges']).toBeUndefined();
  });

  test('streams generated lines in order, with a filename', async () => {
    content = { stream: Readable.from(['one\n', 'two\n']), filename: 'log.jsonl' };
    const answer = await get();
    expect(answer.body).toBe('one\ntwo\n');
    expect(answer.headers['content-disposition']).toBe('attachment; filename="log.jsonl"');
  });
});
