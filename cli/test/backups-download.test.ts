// Downloads of backups to a folder, to a file name, and to standard output.
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliFixture, startCliFixture } from './support/cli-fixture.ts';
import { scriptedBuoy } from './support/scripted-buoy.ts';
import { createTestCli } from './support/test-cli.ts';

let fixture: CliFixture;
let filename: string;
beforeAll(async () => {
  fixture = await startCliFixture();
  filename = JSON.parse((await fixture.buoy(['admin', 'backups', 'run', '--json'])).out).backup.filename;
});
afterAll(() => fixture.close());

const download = (...words: string[]) => fixture.buoy(['admin', 'backups', 'download', ...words]);

test('backups download writes the latest backup into a folder, readable only by its owner', async () => {
  const folder = path.join(fixture.folder, 'kept');
  mkdirSync(folder);
  for (const to of [`${folder}/`, folder]) {
    const { exit, out, err } = await download('latest', '--to', to);
    const target = path.join(folder, filename);
    if (to.endsWith('/')) expect({ exit, out }).toEqual({ exit: 0, out: `Wrote ${target}.\n` });
    else expect([exit, err]).toEqual([1, expect.stringContaining('already exists')]);
    expect(statSync(target).mode & 0o777).toBe(0o600);
    expect(gunzipSync(readFileSync(target)).length).toBeGreaterThan(0);
  }
});

test('backups download --to - writes the same bytes to standard output, but never to a terminal', async () => {
  const file = path.join(fixture.folder, 'own name.gz');
  expect((await download(filename, '--to', file)).exit).toBe(0);
  const pieces: Uint8Array[] = [];
  const piped = await fixture.buoy(['admin', 'backups', 'download', filename, '--to', '-'], {
    write: (_target, bytes) => void pieces.push(bytes),
  });
  expect(piped.exit).toBe(0);
  expect(Buffer.concat(pieces).equals(readFileSync(file))).toBe(true);
  const seen = await fixture.buoy(['admin', 'backups', 'download', filename, '--to', '-'], { isTty: true });
  expect([seen.exit, seen.out]).toEqual([2, '']);
});

test('backups download exits with 1 for a missing folder or backup', async () => {
  expect((await download(filename, '--to', path.join(fixture.folder, 'nowhere/'))).exit).toBe(1);
  expect((await download('none.gz')).err).toContain('List them: buoy admin backups list');
});

test.each(['../outside.db.gz', '/tmp/outside.db.gz', '..', '', '.bash_profile', 'Makefile'])(
  'backups download writes nothing outside the folder when a hostile Buoy names its latest backup "%s"',
  async (named) => {
    const { fetch, calls } = scriptedBuoy(() => ({
      body: {
        backups: [
          {
            filename: named,
            sizeBytes: 1,
            createdAt: '2026-03-01T10:00:00.000Z',
            sha256: '',
            verified: true,
          },
        ],
        nextCursor: null,
      },
    }));
    const cli = createTestCli({ url: 'http://buoy.test', token: 'a-token' });
    const { exit, out, err } = await cli.buoy(['admin', 'backups', 'download', 'latest'], { fetch });
    cli.close();
    expect([exit, out, err]).toEqual([1, '', expect.stringContaining('not the name of a backup')]);
    expect(calls).toEqual(['GET /admin/backups']);
  },
);

describe('a hostile Buoy whose answer breaks off', () => {
  const filename = 'buoy-20260301T100000Z.db.gz';
  const latest = JSON.stringify({
    backups: [{ filename, sizeBytes: 1, createdAt: '2026-03-01T10:00:00.000Z', sha256: '', verified: true }],
    nextCursor: null,
  });
  const list = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${latest.length}\r\nconnection: close\r\n\r\n${latest}`;

  /** Runs a command in a Buoy that answers every call but the list of backups with these chunks. */
  async function saved(words: readonly string[], chunks: string) {
    const head = 'HTTP/1.1 200 OK\r\ncontent-type: application/gzip\r\ntransfer-encoding: chunked\r\n\r\n';
    const hostile = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (asked) => {
        const wantsList = asked.toString('utf8').startsWith('GET /api/admin/backups ');
        socket.end(wantsList ? list : `${head}${chunks}`);
      });
    });
    await new Promise<void>((resolve) => hostile.listen(0, '127.0.0.1', resolve));
    const { port } = hostile.address() as AddressInfo;
    const cli = createTestCli({ url: `http://127.0.0.1:${port}`, token: 'a-token' });
    const ran = await cli.buoy(words);
    cli.close();
    await new Promise((resolve) => hostile.close(resolve));
    return ran;
  }
  const commandsTo = (folder: string) =>
    [
      [path.join(folder, filename), ['admin', 'backups', 'download', 'latest', '--to', folder]],
      [
        path.join(folder, 'audit.jsonl'),
        ['admin', 'audit', 'export', '--to-file', path.join(folder, 'audit.jsonl')],
      ],
    ] as const;

  test.each(['not a size\r\n', '4\r\nhalf\r\nnot a size\r\n', ''])(
    'leaves a file that was there before byte for byte (chunks %j)',
    async (chunks) => {
      const folder = path.join(fixture.folder, `earlier-${chunks.length}`);
      mkdirSync(folder);
      for (const [file, words] of commandsTo(folder)) {
        writeFileSync(file, 'the copy of yesterday');
        const { exit, out, err } = await saved(words, chunks);
        expect([exit, out, err]).toEqual([1, '', expect.stringContaining(`${file} already exists`)]);
        expect(readFileSync(file, 'utf8')).toBe('the copy of yesterday');
      }
    },
  );

  test.each(['not a size\r\n', '4\r\nhalf\r\nnot a size\r\n', ''])(
    'leaves no half of a new file (chunks %j)',
    async (chunks) => {
      const folder = path.join(fixture.folder, `new-${chunks.length}`);
      mkdirSync(folder);
      for (const [file, words] of commandsTo(folder)) {
        const { exit, out, err } = await saved(words, chunks);
        expect([exit, out, err]).toEqual([1, '', expect.stringContaining(`${file} could not be written`)]);
        expect(existsSync(file)).toBe(false);
      }
    },
  );
});
