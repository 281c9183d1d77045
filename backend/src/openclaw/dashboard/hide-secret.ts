// Masks the gateway's own secret in everything sent to a browser.
import { Transform } from 'node:stream';
import { AppError } from '../../lib/app-error.ts';

/** Shorter ones would occur in ordinary text. */
const MIN_LENGTH = 4;

/** Replaces the secret by a mask of equal length, so that Content-Length stays correct. */
function forms(secret: string | null): Array<{ text: string; mask: string }> {
  if (secret === null || secret.length < MIN_LENGTH) return [];
  const texts = [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)];
  return [...new Set(texts)].map((text) => ({ text, mask: '*'.repeat(Buffer.byteLength(text)) }));
}

/** Most masks in one text; a gateway that repeats its secret more often tries to use up Buoy's time. */
const MAX_TIMES = 10_000;

/**
 * `text` with every appearance of the secret masked.
 * @throws AppError `bad_gateway` when there are more than anybody needs
 */
export function hideIn(text: string, secret: string | null): string {
  let hidden = text;
  let times = 0;
  for (const form of forms(secret))
    hidden = hidden.replaceAll(form.text, () => {
      times += 1;
      if (times > MAX_TIMES)
        throw new AppError(
          'bad_gateway',
          'The gateway repeats its secret endlessly, so Buoy does not forward the answer.',
        );
      return form.mask;
    });
  return hidden;
}

/** The same for bytes that are not compressed, also across the borders of their chunks. */
export function hidingStream(secret: string | null): Transform {
  const wanted = forms(secret).map(({ text, mask }) => ({
    bytes: Buffer.from(text),
    mask: Buffer.from(mask),
  }));
  const longest = Math.max(0, ...wanted.map(({ bytes }) => bytes.length));
  let kept: Buffer = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      const bytes = Buffer.concat([kept, chunk]);
      for (const { bytes: text, mask } of wanted)
        for (let at = bytes.indexOf(text); at !== -1; at = bytes.indexOf(text, at + text.length))
          mask.copy(bytes, at);
      const end = Math.max(0, bytes.length - Math.max(0, longest - 1));
      kept = bytes.subarray(end);
      callback(null, bytes.subarray(0, end));
    },
    flush(callback) {
      callback(null, kept);
    },
  });
}
