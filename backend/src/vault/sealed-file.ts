// Files that leave Buoy sealed: AES-256-GCM in frames, so that neither end holds a whole file, and a cut, mixed or changed one does not open.
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { AppError } from '../lib/app-error.ts';

const MAGIC = 'buoy-sealed-1';
/** Bytes of a frame before it is sealed. */
const FRAME_BYTES = 64 * 1024;
const TAG_BYTES = 16;
const SALT_BYTES = 16;
const KEY_BYTES = 32;
/** Bytes of the first line: names are short. */
const MAX_HEADER_BYTES = 256;
const headerForm = /^buoy-sealed-1 ([A-Za-z0-9_-]{1,64}) ([A-Za-z0-9_-]{22})$/;

/**
 * The bytes of a file that only `secret` opens: a line with the name and a salt, then frames. The last frame is marked as such.
 * @param file.name letters, digits, `-` and `_`: it is bound to the content
 * @throws what `file.content` throws; the file is then cut, and does not open
 */
export async function* sealFile(
  secret: Buffer,
  { name, content }: { name: string; content: AsyncIterable<Buffer> },
): AsyncGenerator<Buffer> {
  const header = `${MAGIC} ${name} ${randomBytes(SALT_BYTES).toString('base64url')}`;
  const frames = framesOf(secret, header);
  yield Buffer.from(`${header}\n`);
  let pending = Buffer.alloc(0);
  for await (const bytes of content) {
    pending = Buffer.concat([pending, bytes]);
    // What is left may be the last frame, which differs from the others.
    const whole = Math.max(0, Math.ceil(pending.length / FRAME_BYTES) - 1) * FRAME_BYTES;
    const sealed: Buffer[] = [];
    for (let start = 0; start < whole; start += FRAME_BYTES)
      sealed.push(frames.seal(pending.subarray(start, start + FRAME_BYTES), false));
    pending = pending.subarray(whole);
    if (sealed.length > 0) yield Buffer.concat(sealed);
  }
  yield frames.seal(pending, true);
}

/**
 * What was sealed. Each frame is whole when it comes, but the file is only once the last one has come.
 * @throws AppError `invalid_request` for what `sealFile` did not make with this secret, and for a cut file
 */
export async function* openFile(secret: Buffer, file: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let pending = Buffer.alloc(0);
  let frames: Frames | null = null;
  for await (const bytes of file) {
    pending = Buffer.concat([pending, bytes]);
    if (frames === null) {
      const end = pending.subarray(0, MAX_HEADER_BYTES).indexOf('\n');
      if (end === -1 && pending.length < MAX_HEADER_BYTES) continue;
      const header = pending.subarray(0, Math.max(0, end)).toString('latin1');
      if (!headerForm.test(header)) throw unreadable('is no file that Buoy has sealed');
      frames = framesOf(secret, header);
      pending = pending.subarray(end + 1);
    }
    const size = FRAME_BYTES + TAG_BYTES;
    while (pending.length > size) {
      yield frames.open(pending.subarray(0, size), false);
      pending = pending.subarray(size);
    }
  }
  if (frames === null) throw unreadable('is no file that Buoy has sealed');
  yield frames.open(pending, true);
}

type Frames = ReturnType<typeof framesOf>;

/** In their order, each with a nonce of its own under a key that no other file has. */
function framesOf(secret: Buffer, header: string) {
  const salt = Buffer.from(header.split(' ')[2] ?? '', 'base64url');
  const key = Buffer.from(hkdfSync('sha256', secret, salt, 'buoy:sealed-file', KEY_BYTES));
  let count = 0;
  const nextNonce = (isLast: boolean): Buffer => {
    const nonce = Buffer.alloc(12);
    nonce.writeUInt32BE(count, 7);
    nonce.writeUInt8(isLast ? 1 : 0, 11);
    count += 1;
    return nonce;
  };
  return {
    seal(plain: Buffer, isLast: boolean): Buffer {
      const cipher = createCipheriv('aes-256-gcm', key, nextNonce(isLast));
      cipher.setAAD(Buffer.from(header));
      return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    },
    open(sealed: Buffer, isLast: boolean): Buffer {
      if (sealed.length < TAG_BYTES) throw unreadable('is cut');
      const end = sealed.length - TAG_BYTES;
      const decipher = createDecipheriv('aes-256-gcm', key, nextNonce(isLast), { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(header));
      decipher.setAuthTag(sealed.subarray(end));
      try {
        return Buffer.concat([decipher.update(sealed.subarray(0, end)), decipher.final()]);
      } catch (cause) {
        throw unreadable('was cut or changed, or another Buoy has sealed it', cause);
      }
    },
  };
}

function unreadable(why: string, cause?: unknown): AppError {
  return new AppError('invalid_request', `The file ${why}.`, {
    hint: 'Download it again, and open it on the machine of the Buoy that it is from.',
    cause,
  });
}
