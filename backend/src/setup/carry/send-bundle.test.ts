// How a bundle comes to a server: by commands of this machine's /bin/sh, over a connection that breaks.
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AppError } from '../../lib/app-error.ts';
import { type Bundle, createBundle } from './bundle.ts';
import { sendBundle } from './send-bundle.ts';
import { carryContext, connectionLost, createLocalServer, type LocalServer } from './testing/local-server.ts';

const PART_BYTES = 1_000;
const DAY_MS = 24 * 60 * 60_000;
const { signal: never } = new AbortController();

describe('a bundle', () => {
  let server: LocalServer;
  let folder: string;
  let bundle: Bundle;
  beforeEach(async () => {
    server = createLocalServer();
    folder = mkdtempSync(path.join(tmpdir(), 'buoy-bundle-'));
    const file = path.join(folder, 'large');
    writeFileSync(file, Buffer.alloc(3_500, 'large '));
    const files = [
      { path: '/small', content: 'small' },
      { path: '/large', content: { path: file, sizeBytes: 3_500 } },
    ];
    bundle = await createBundle(files, { partBytes: PART_BYTES, signal: never });
  });
  afterEach(() => {
    server.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const send = (signal?: AbortSignal, installedBytes = 0) => {
    const { context, printed } = carryContext(signal);
    return {
      printed,
      sent: sendBundle({ ssh: server.ssh, deadlineMs: 60_000 }, context, bundle, installedBytes),
    };
  };
  const folderOf = ({ CARRIED }: { CARRIED: string }) => server.at(`.buoy/carried/${CARRIED}`);
  const arrived = (at: string) =>
    Buffer.concat(
      readdirSync(at)
        .sort()
        .map((name) => readFileSync(path.join(at, name))),
    );

  test('arrives whole, in parts, in a folder that nobody else can read', async () => {
    const sent = await send().sent;
    const bytes = arrived(folderOf(sent));
    expect(execFileSync('sha256sum', { input: bytes, encoding: 'utf8' }).slice(0, 64)).toBe(
      sent.CARRIED_SHA256,
    );
    const index = bytes.toString('utf8', 0, Number(sent.CARRIED_INDEX_BYTES));
    expect(index).toBe('0 3500 /large\n3500 5 /small\n');
    expect(readdirSync(folderOf(sent))).toEqual(['0000', '0001', '0002', '0003']);
    for (const at of ['.buoy', '.buoy/carried', `.buoy/carried/${sent.CARRIED}`])
      expect(statSync(server.at(at)).mode & 0o777).toBe(0o700);
    expect(statSync(path.join(folderOf(sent), '0000')).mode & 0o777).toBe(0o600);
  });

  test('of the same files in another order is the same', async () => {
    const files = [
      { path: '/b', content: 'b' },
      { path: '/a', content: 'a' },
    ];
    const options = { partBytes: PART_BYTES, signal: never };
    const one = await createBundle(files, options);
    expect(one.sha256).toBe((await createBundle(files.toReversed(), options)).sha256);
    expect(one.sha256).not.toBe(bundle.sha256);
  });

  test('is sent on after the connection broke, without the parts that have arrived', async () => {
    server.onExec = (count) => {
      if (count === 3) throw connectionLost();
    };
    const sent = await send().sent;
    expect(server.received).toHaveLength(bundle.parts.length + 1);
    expect(arrived(folderOf(sent))).toHaveLength(bundle.sizeBytes);
  });

  test('sends to the next task only what is missing, and says so', async () => {
    const controller = new AbortController();
    server.onExec = (count) => {
      if (count < 3) return;
      controller.abort(new AppError('shutting_down', 'Buoy is shutting down.'));
      throw connectionLost();
    };
    await expect(send(controller.signal).sent).rejects.toMatchObject({ code: 'shutting_down' });
    server.onExec = () => {};
    server.received.length = 0;
    const { sent, printed } = send();
    await sent;
    expect(server.received.length).toBeLessThan(bundle.parts.length);
    expect(printed()).toContain('which is what is missing there');
  });

  test('is sent again where a part arrives damaged, and given up when it stays so', async () => {
    let damaged = 0;
    server.onBytes = (bytes) => {
      damaged += 1;
      return damaged === 1 ? bytes.subarray(1) : bytes;
    };
    const sent = await send().sent;
    expect(arrived(folderOf(sent))).toHaveLength(bundle.sizeBytes);
    rmSync(folderOf(sent), { recursive: true });
    server.onBytes = (bytes) => bytes.subarray(1);
    await expect(send().sent).rejects.toMatchObject({ code: 'checksum_mismatch' });
    expect(readdirSync(folderOf(sent))).toEqual([]);
  });

  test('is not begun where the server has no room for it and for what is installed', async () => {
    await expect(send(never, Number.MAX_SAFE_INTEGER / 2).sent).rejects.toMatchObject({
      ...{
        code: 'disk_full',
        message: expect.stringMatching(/^This needs .* GB on the server, and .* are free\.$/),
      },
    });
    expect(server.received).toEqual([]);
  });

  test('fails in words where the disk fills up meanwhile', async () => {
    server.ssh.exec = async () => ({
      ...{ exitCode: 1, signal: null, stdout: '', stderr: 'cat: write error: No space left on device\n' },
      ...{ truncated: false, durationMs: 1 },
    });
    await expect(send().sent).rejects.toMatchObject({
      code: 'disk_full',
      message: 'The disk of the server is full.',
    });
  });

  test('is refused by an account that runs no commands', async () => {
    server.ssh.exec = async () => ({
      ...{ exitCode: 0, signal: null, stdout: 'This account is for backups only.\n', stderr: '' },
      ...{ truncated: false, durationMs: 1 },
    });
    await expect(send().sent).rejects.toMatchObject({ code: 'refused' });
  });

  test('removes what an earlier one has left for more than a day, and nothing younger', async () => {
    const [old, young] = [server.at('.buoy/carried/old'), server.at('.buoy/carried/young')];
    for (const at of [old, young]) mkdirSync(at, { recursive: true });
    const before = new Date(Date.now() - 2 * DAY_MS);
    utimesSync(old, before, before);
    await send().sent;
    expect([old, young].map((at) => existsSync(at))).toEqual([false, true]);
  });
});
