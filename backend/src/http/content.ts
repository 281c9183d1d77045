// Answers that are not JSON: a text, streamed lines, or a file with range requests.
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../lib/app-error.ts';

export type Content =
  | { text: string }
  /** Lines that are made while they are sent. */
  | { stream: Readable; filename?: string }
  /** A file; `open` answers its bytes from `start` to `end`, both inclusive. */
  | {
      filename: string;
      sizeBytes: number;
      /** Changes when the bytes do; without quotes. */
      etag: string;
      open(range: { start: number; end: number }): Readable;
    };

/** Sends `content` as `mediaType`. @throws AppError 416 for a range outside of the file */
export function sendContent(
  request: FastifyRequest,
  reply: FastifyReply,
  mediaType: string,
  content: Content,
): FastifyReply {
  reply.type(mediaType).header('cache-control', 'no-store');
  if ('text' in content) return reply.serializer(String).send(content.text);
  if ('filename' in content && content.filename !== undefined)
    reply.header(
      'content-disposition',
      `attachment; filename="${content.filename.replace(/[^\w.-]/g, '_')}"`,
    );
  if ('stream' in content) return reply.send(content.stream);

  const { sizeBytes, open } = content;
  const etag = `"${content.etag}"`;
  reply.header('accept-ranges', 'bytes').header('etag', etag);
  const ifRange = request.headers['if-range'];
  const wanted = ifRange === undefined || ifRange === etag ? request.headers.range : undefined;
  const range = wanted === undefined ? null : rangeIn(wanted, sizeBytes);
  if (range === 'outside') {
    // What is sent is the error: no browser shall save it under the file's name.
    reply.removeHeader('content-disposition').header('content-range', `bytes */${sizeBytes}`);
    throw new AppError(
      'range_not_satisfiable',
      `The file has ${sizeBytes} bytes; the requested range lies outside it.`,
    );
  }
  const { start, end } = range ?? { start: 0, end: sizeBytes - 1 };
  if (range !== null) reply.code(206).header('content-range', `bytes ${start}-${end}/${sizeBytes}`);
  reply.header('content-length', end - start + 1);
  // Nothing is read that is not sent; of an empty stream Fastify keeps the length that stands there.
  const nothing = request.method === 'HEAD' || sizeBytes === 0;
  return reply.send(nothing ? Readable.from([]) : open({ start, end }));
}

/** One range of bytes (RFC 9110, 14.1.2). Several at once and other units are not served: null, the whole file. */
function rangeIn(header: string, sizeBytes: number): { start: number; end: number } | 'outside' | null {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/i.exec(header.trim()) ?? [];
  if (first === '' && last === '') return null;
  if (first === '') {
    const length = Math.min(Number(last), sizeBytes);
    return length === 0 ? 'outside' : { start: sizeBytes - length, end: sizeBytes - 1 };
  }
  const start = Number(first);
  const end = last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  if (last !== '' && Number(last) < start) return null;
  return start >= sizeBytes ? 'outside' : { start, end };
}
