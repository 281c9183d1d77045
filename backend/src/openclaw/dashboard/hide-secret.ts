// Masks the gateway's own secret in everything sent to a browser. The gateway chose both, so its search must be linear.
import { Transform } from 'node:stream';
import { AppError } from '../../lib/app-error.ts';
import { createTextSearch } from '../../lib/text-search.ts';

/** Shorter ones would occur in ordinary text. */
const MIN_LENGTH = 4;

/** Most masks in one text; a gateway that repeats its secret more often tries to use up Buoy's time. */
const MAX_TIMES = 10_000;

/** Masks have the length of the secret in bytes, so that Content-Length stays correct. */
export function createSecretMask(secret: string | null) {
  const searches = formsOf(secret).map(createTextSearch);

  return {
    /**
     * `text` with every appearance of the secret masked.
     * @throws AppError `bad_gateway` when there are more than anybody needs
     */
    inText(text: string): string {
      if (searches.length === 0) return text;
      const bytes = Buffer.from(text);
      let times = 0;
      for (const { wanted, find } of searches)
        find(bytes, 0, (end) => {
          times += 1;
          if (times > MAX_TIMES)
            throw new AppError(
              'bad_gateway',
              'The gateway repeats its secret endlessly, so Buoy does not forward the answer.',
            );
          bytes.fill('*', end - wanted.length, end);
        });
      return times === 0 ? text : bytes.toString();
    },

    /** The same for bytes that are not compressed, also across the borders of their chunks. */
    stream(): Transform {
      const steps = searches.map(inChunks);
      const through = (bytes: Buffer) => steps.reduce((masked, { next }) => next(masked), bytes);
      return new Transform({
        transform: (chunk: Buffer, _encoding, callback) => callback(null, through(chunk)),
        flush: (callback) =>
          callback(
            null,
            steps.reduce((before, { next, rest }) => Buffer.concat([next(before), rest()]), Buffer.alloc(0)),
          ),
      });
    },
  };
}

function formsOf(secret: string | null): string[] {
  if (secret === null || secret.length < MIN_LENGTH) return [];
  return [...new Set([secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)])];
}

/** Holds back what may be the beginning of the text. Those bytes are known, so only their number is kept. */
function inChunks({ wanted, find }: ReturnType<typeof createTextSearch>) {
  let begun = 0;
  return {
    next(chunk: Buffer): Buffer {
      const before = begun;
      const ends: number[] = [];
      begun = find(chunk, before, (end) => ends.push(before + end));
      const masked = Buffer.allocUnsafe(before + chunk.length - begun);
      wanted.copy(masked, 0, 0, before);
      chunk.copy(masked, before);
      for (const end of ends) masked.fill('*', end - wanted.length, end);
      return masked;
    },
    rest: (): Buffer => wanted.subarray(0, begun),
  };
}
