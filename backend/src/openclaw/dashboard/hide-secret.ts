// Masks the gateway's own secret in everything sent to a browser. The gateway chose both, so its search must be linear.
import { Transform } from 'node:stream';
import { AppError } from '../../lib/app-error.ts';
import { createTextSearch } from '../../lib/text-search.ts';

/** Shorter ones would occur in ordinary text. */
const MIN_LENGTH = 4;

/** Most masks in one text; a gateway that repeats its secret more often tries to use up Buoy's time. */
const MAX_TIMES = 10_000;

/** Bytes that are searched without a look at the time. */
const SLICE_BYTES = 32 * 1024;

/** Milliseconds of searching in one turn of the event loop. */
const TURN_MS = 5;

/** Masks have the length of the secret in bytes, so that Content-Length stays correct. */
export function createSecretMask(secret: string | null) {
  const searches = formsOf(secret).map(createTextSearch);

  /** Masks in `parts`, slice by slice. */
  function* masking(parts: readonly Buffer[]): Generator<undefined> {
    let times = 0;
    for (const { wanted, find } of searches) {
      let begun = 0;
      for (const [index, part] of parts.entries())
        for (let start = 0; start < part.length; start += SLICE_BYTES) {
          begun = find(part.subarray(start, start + SLICE_BYTES), begun, (end) => {
            times += 1;
            if (times > MAX_TIMES) throw tooOften();
            maskBefore(parts, index, start + end, wanted.length);
          });
          yield;
        }
    }
  }

  return {
    /**
     * `text`, a short one, with every appearance of the secret masked.
     * @throws AppError `bad_gateway` when there are more than anybody needs
     */
    inText(text: string): string {
      const bytes = Buffer.from(text);
      for (const slices = masking([bytes]); !slices.next().done; );
      return bytes.toString();
    },

    /**
     * Masks every appearance of the secret in `parts` themselves, which follow each other. What is longer than a moment's work takes turns.
     * @param options.myTurn resolves in a turn of the event loop
     * @throws AppError as `inText`; the reason of `signal` when it aborts
     */
    async inParts(
      parts: readonly Buffer[],
      { myTurn, signal }: { myTurn: () => Promise<void>; signal: AbortSignal },
    ): Promise<void> {
      const nextTurn = async () => {
        await myTurn();
        signal.throwIfAborted();
      };
      if (parts.some(({ length }) => length > SLICE_BYTES)) await nextTurn();
      let since = performance.now();
      for (const slices = masking(parts); !slices.next().done; ) {
        if (performance.now() - since < TURN_MS) continue;
        await nextTurn();
        since = performance.now();
      }
    },

    /** Masks bytes that are not compressed, also across the borders of their chunks. */
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

function tooOften(): AppError {
  return new AppError(
    'bad_gateway',
    'The gateway repeats its secret endlessly, so Buoy does not forward the answer.',
  );
}

/** Masks the `length` bytes that end at `end` of `parts[index]`, and may begin in those before it. */
function maskBefore(parts: readonly Buffer[], index: number, end: number, length: number): void {
  let [at, to, left] = [index, end, length];
  while (left > 0) {
    const from = Math.max(0, to - left);
    parts[at]!.fill('*', from, to);
    left -= to - from;
    at -= 1;
    to = parts[at]?.length ?? 0;
  }
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
