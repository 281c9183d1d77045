// Downloads a backup into a browser file and verifies its SHA-256.
import type { Backup } from '@buoy/contract';

/** Milliseconds without a byte after which a download counts as broken. */
const SILENCE_MS = 60_000;
/** Bytes; WebCrypto wants the whole file in memory at once, and a phone has little. */
const MAX_CHECKED = 268_435_456;

/**
 * `unchecked`: the browser offers no SHA-256 here, or the file is too large for it. `broke off` and `other file` say why there is
 * nothing to save.
 */
export type ReceiveResult =
  | { outcome: 'matches' | 'unchecked'; file: Blob }
  | { outcome: 'broke off'; receivedBytes: number }
  | { outcome: 'other file' };

type Digest = (data: ArrayBuffer) => Promise<ArrayBuffer>;

/**
 * @param open starts the download; the signal ends it
 * @param options.digest SHA-256; null where the browser has none, as on pages opened by plain http
 * @param options.onProgress called with the bytes received so far
 * @throws what `open` throws, and what `options.signal` says when it was cancelled
 */
export async function receiveBackup(
  backup: Pick<Backup, 'sizeBytes' | 'sha256'>,
  open: (signal: AbortSignal) => Promise<ReadableStream<Uint8Array>>,
  options: {
    digest: Digest | null;
    onProgress: (receivedBytes: number) => void;
    signal: AbortSignal;
    silenceMs?: number;
    maxChecked?: number;
  },
): Promise<ReceiveResult> {
  const { digest, onProgress, signal, silenceMs = SILENCE_MS, maxChecked = MAX_CHECKED } = options;
  const silenceAbort = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const onData = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silenceAbort.abort(), silenceMs);
  };
  let received = 0;
  const count = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, out) {
      onData();
      received += chunk.byteLength;
      onProgress(received);
      out.enqueue(chunk);
    },
  });

  const either = AbortSignal.any([signal, silenceAbort.signal]);
  const body = (await open(either)) as ReadableStream<Uint8Array<ArrayBuffer>>;
  let file: Blob;
  try {
    onData();
    // The browser keeps what it receives so on its disk when it is large; pieces in an array would stay in memory.
    file = await new Response(body.pipeThrough(count, { signal: either })).blob();
  } catch {
    signal.throwIfAborted();
    return { outcome: 'broke off', receivedBytes: received };
  } finally {
    clearTimeout(timer);
  }
  if (file.size !== backup.sizeBytes) return { outcome: 'broke off', receivedBytes: file.size };
  if (digest === null || file.size > maxChecked) return { outcome: 'unchecked', file };
  const isTheOne = hexOf(await digest(await file.arrayBuffer())) === backup.sha256.toLowerCase();
  return isTheOne ? { outcome: 'matches', file } : { outcome: 'other file' };
}

function hexOf(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
