import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { receiveBackup } from './receive-backup.ts';

const bytes = new TextEncoder().encode('a backup of many bytes');
const backup = { sizeBytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
const digest = (data: ArrayBuffer) => crypto.subtle.digest('SHA-256', data);

/** A download in these pieces; `end` says how it goes on after them. */
const inPieces =
  (pieces: readonly Uint8Array[], end: 'ends' | 'breaks' | 'falls silent' = 'ends') =>
  async () =>
    new ReadableStream<Uint8Array>({
      start(controller) {
        for (const piece of pieces) controller.enqueue(piece);
        if (end === 'ends') controller.close();
      },
      pull(controller) {
        if (end === 'breaks') controller.error(new TypeError('network error'));
      },
    });

const halves = [bytes.slice(0, 10), bytes.slice(10)];
const watching = () => {
  const progress: number[] = [];
  return { progress, onProgress: (received: number) => void progress.push(received) };
};
const uncancelled = () => new AbortController().signal;

it('reports download progress and returns the verified bytes of a backup', async () => {
  const { progress, onProgress } = watching();
  const received = await receiveBackup(backup, inPieces(halves), {
    digest,
    onProgress,
    signal: uncancelled(),
  });
  if (received.outcome !== 'matches') return expect.unreachable(received.outcome);
  expect(new Uint8Array(await received.file.arrayBuffer())).toEqual(bytes);
  expect(progress).toEqual([10, bytes.length]);
});

it('reports a backup as unchecked where SHA-256 is unavailable', async () => {
  const options = { ...watching(), signal: uncancelled() };
  const withoutCrypto = await receiveBackup(backup, inPieces(halves), { ...options, digest: null });
  expect(withoutCrypto.outcome).toBe('unchecked');
  const tooLarge = await receiveBackup(backup, inPieces(halves), { ...options, digest, maxChecked: 5 });
  expect(tooLarge.outcome).toBe('unchecked');
});

it('rejects a downloaded backup whose SHA-256 differs', async () => {
  const other = bytes.map((byte) => byte ^ 1);
  const received = receiveBackup(backup, inPieces([other]), {
    digest,
    ...watching(),
    signal: uncancelled(),
  });
  expect(await received).toEqual({ outcome: 'other file' });
});

it.each([
  ['ends too early', inPieces([bytes.slice(0, 10)])],
  ['breaks', inPieces([bytes.slice(0, 10)], 'breaks')],
  ['falls silent', inPieces([bytes.slice(0, 10)], 'falls silent')],
])('says how far it came when the download %s', async (_how, open) => {
  const options = { digest: null, ...watching(), signal: uncancelled(), silenceMs: 20 };
  expect(await receiveBackup(backup, open, options)).toEqual({ outcome: 'broke off', receivedBytes: 10 });
});

it('passes on the server’s error for a backup download', async () => {
  const gone = new Error('There is no such backup.');
  await expect(
    receiveBackup(backup, () => Promise.reject(gone), {
      digest,
      ...watching(),
      signal: uncancelled(),
    }),
  ).rejects.toBe(gone);
});

it('ends a backup download when it is cancelled', async () => {
  const cancel = new AbortController();
  const download = receiveBackup(backup, inPieces([bytes.slice(0, 10)], 'falls silent'), {
    digest,
    onProgress: () => cancel.abort(),
    signal: cancel.signal,
  });
  await expect(download).rejects.toMatchObject({ name: 'AbortError' });
});
