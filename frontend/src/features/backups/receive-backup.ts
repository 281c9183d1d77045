// Takes a backup from Buoy into a file of the browser, and proves that it is the one that was asked for.
import type { Backup } from '@buoy/contract';
import { ApiError } from '@buoy/contract/client';
import { formatBytes } from '../../ui/bytes.ts';

/** Milliseconds without a byte after which a download counts as broken. */
const SILENCE_MS = 60_000;
/** Bytes; WebCrypto wants the whole file in memory at once, and a phone has little. */
const MAX_CHECKED = 268_435_456;

/** `unchecked`: the browser offers no SHA-256 here, or the file is too large for it. */
export type Received = { file: Blob; check: 'matches' | 'unchecked' };

type Digest = (data: ArrayBuffer) => Promise<ArrayBuffer>;

/**
 * @param open starts the download; the signal ends it
 * @param options.digest SHA-256; null where the browser has none, as on pages opened by plain http
 * @param options.onProgress is told the bytes received so far
 * @throws ApiError when it breaks off, falls silent or is another file; what `options.signal` says when it was cancelled
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
): Promise<Received> {
  const { digest, onProgress, signal, silenceMs = SILENCE_MS, maxChecked = MAX_CHECKED } = options;
  const silence = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), silenceMs);
  };
  let received = 0;
  const count = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, out) {
      heard();
      received += chunk.byteLength;
      onProgress(received);
      out.enqueue(chunk);
    },
  });

  const either = AbortSignal.any([signal, silence.signal]);
  const body = (await open(either)) as ReadableStream<Uint8Array<ArrayBuffer>>;
  let file: Blob;
  try {
    heard();
    // The browser keeps what it receives so on its disk when it is large; pieces in an array would stay in memory.
    file = await new Response(body.pipeThrough(count, { signal: either })).blob();
  } catch {
    signal.throwIfAborted();
    throw brokeOff(received, backup.sizeBytes);
  } finally {
    clearTimeout(timer);
  }
  if (file.size !== backup.sizeBytes) throw brokeOff(file.size, backup.sizeBytes);
  if (digest === null || file.size > maxChecked) return { file, check: 'unchecked' };
  if (hexOf(await digest(await file.arrayBuffer())) !== backup.sha256.toLowerCase())
    throw new ApiError(0, {
      error: 'What was downloaded is not the backup: its SHA-256 is another one. It was not saved.',
      hint: 'Download it again. If it differs again, look at the disk that Buoy keeps its backups on.',
    });
  return { file, check: 'matches' };
}

function brokeOff(receivedBytes: number, sizeBytes: number): ApiError {
  return new ApiError(0, {
    error: `The download broke off at ${formatBytes(receivedBytes)} of ${formatBytes(sizeBytes)}.`,
    hint: 'Check your network, then download it again.',
  });
}

function hexOf(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
