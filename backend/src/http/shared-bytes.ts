// Sends long answers that all callers share in slices, each once its client has read the one before: over TLS Node encrypts at once whatever it
// is given, so that a stranger who reads nothing would hold a whole copy.
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';

/** Bytes of one slice, which is what one unread answer holds. */
const SLICE_BYTES = 64 * 1024;

/** To be called before the routes are registered. A Buffer is shared; a text belongs to its caller, and is counted for them. */
export function sendInSlices(app: FastifyInstance): void {
  app.addHook('onSend', async ({ method }, reply, payload) => {
    if (!Buffer.isBuffer(payload) || payload.length <= SLICE_BYTES || method === 'HEAD') return payload;
    reply.header('content-length', payload.length);
    return slicesOf(payload);
  });
}

function slicesOf(bytes: Buffer): Readable {
  let at = 0;
  return new Readable({
    // One slice is enough ahead.
    highWaterMark: 1,
    read() {
      const slice = bytes.subarray(at, at + SLICE_BYTES);
      at += slice.length;
      this.push(slice.length === 0 ? null : slice);
    },
  });
}
