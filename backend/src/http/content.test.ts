// Files as a browser, curl and a download manager fetch them: whole, in parts, resumed, and when there is no such part.
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

describe('a file', () => {
  test('is sent whole, with its size, its name, its mark, and that parts of it can be had', async () => {
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
  ])('206 for %s', async (range, start, end) => {
    const answer = await get({ range });
    expect(answer.statusCode).toBe(206);
    expect(answer.headers).toMatchObject({
      'content-range': `bytes ${start}-${end}/100000`,
      'content-length': String(end - start + 1),
    });
    expect(answer.rawPayload.equals(bytes.subarray(start, end + 1))).toBe(true);
  });

  test.each(['bytes=100000-', 'bytes=100000-100001', 'bytes=-0', 'bytes=99999999999999999999999-'])(
    '416 for %s, with the size, and as an error that no browser saves as the file',
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
    '200 and the whole file for "%s", which is no single range of bytes',
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
  ])('a part is wanted only if it is the same file: %s', async (_what, ifRange, status) => {
    const answer = await get({ range: 'bytes=0-9', 'if-range': ifRange });
    expect(answer.statusCode).toBe(status);
    expect(answer.rawPayload.length).toBe(status === 206 ? 10 : 100_000);
  });

  test('that is fetched in parts of any size is the same in the end', async () => {
    const parts: Buffer[] = [];
    for (let start = 0; start < bytes.length; ) {
      const end = start + 1 + ((start * 7) % 9_973);
      const { rawPayload } = await get({ range: `bytes=${start}-${end}`, 'if-range': `"${etag}"` });
      parts.push(rawPayload);
      start += rawPayload.length;
    }
    expect(Buffer.concat(parts).equals(bytes)).toBe(true);
  });

  test('without a byte in it is sent, and has no parts', async () => {
    content = { ...file(Buffer.alloc(0)), open: () => expect.unreachable() } as Content;
    const whole = await get();
    expect(whole.statusCode).toBe(200);
    expect(whole.headers['content-length']).toBe('0');
    expect(whole.rawPayload.length).toBe(0);
    expect((await get({ range: 'bytes=0-' })).statusCode).toBe(416);
    expect((await get({ range: 'bytes=-5' })).statusCode).toBe(416);
  });

  test('whose name came from elsewhere breaks no header', async () => {
    content = { ...file(), filename: 'a"; evil\r\nx-injected: 1' } as Content;
    const answer = await get();
    expect(answer.headers['content-disposition']).toBe('attachment; filename="a___evil__x-injected__1"');
    expect(answer.headers['x-injected']).toBeUndefined();
  });

  test('of which HEAD asks is described and not opened', async () => {
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

  test('that somebody stops fetching is closed', async () => {
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

describe('other content', () => {
  test('a text is sent as it is', async () => {
    content = { text: 'buoy_up 1\n' };
    const answer = await get();
    expect(answer.body).toBe('buoy_up 1\n');
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.headers['accept-ranges']).toBeUndefined();
  });

  test('lines that are made while they are sent come in order, under a name', async () => {
    content = { stream: Readable.from(['one\n', 'two\n']), filename: 'log.jsonl' };
    const answer = await get();
    expect(answer.body).toBe('one\ntwo\n');
    expect(answer.headers['content-disposition']).toBe('attachment; filename="log.jsonl"');
  });
});
