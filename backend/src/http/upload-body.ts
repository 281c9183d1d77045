// File bodies: read completely, up to the size in the contract, and counted before they are used.
import { createHash } from 'node:crypto';
import type { Endpoint, Upload } from '@buoy/contract';
import type { FastifyInstance } from 'fastify';
import { AppError } from '../lib/app-error.ts';

/** Adds to `app`, which must be a scope of that one endpoint, the parsers of its media types; others are refused there, JSON too. */
export function registerUploadBody(app: FastifyInstance, { types, maxBytes }: Uploads): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>(
    [...types],
    { parseAs: 'buffer', bodyLimit: maxBytes },
    (request, bytes, done) => {
      done(null, uploadOf(mediaTypeOf(request.headers['content-type']), bytes));
    },
  );
  // Also for a body without a type.
  app.addContentTypeParser('*', (_request, _payload, done) => done(wrongType(types)));
}

/** @throws AppError `invalid_request` when there was no body, or an empty one */
export function requireUpload(body: unknown, { types }: Uploads): void {
  const upload = body as Upload | undefined | null;
  if (upload == null) throw wrongType(types);
  if (upload.sizeBytes === 0) throw new AppError('invalid_request', 'The uploaded file is empty.');
}

type Uploads = NonNullable<Endpoint['upload']>;

function uploadOf(type: string, bytes: Buffer): Upload {
  const upload = { type, sizeBytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  // Hidden from whatever writes requests down or compares them: the hash stands for it.
  return Object.defineProperty(upload, 'bytes', { value: bytes, enumerable: false }) as Upload;
}

function mediaTypeOf(header: string | undefined): string {
  return (header ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

function wrongType(types: readonly string[]): AppError {
  return new AppError('invalid_request', `The body must be a file, its Content-Type ${types.join(' or ')}.`);
}
