// What a server answers about an archive is compared with the record, and never believed.
import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { ExecResult } from '../../ssh/ssh.ts';
import {
  expectCarriable,
  MAX_CARRIED_BYTES,
  PIECE_BYTES,
  piecesOf,
  readArchiveFacts,
  readPiece,
  readPieces,
  removeArchives,
  verifyArchive,
} from './archives.ts';

const limits = { deadlineMs: 1_000 };
const answer = (stdout: string, exitCode = 0): ExecResult => ({
  ...{ exitCode, signal: null, stdout, stderr: '', truncated: false, durationMs: 1 },
});
/** A server that answers so, and what it was asked. */
function serverThat(answers: (args: readonly string[]) => ExecResult) {
  const asked: string[][] = [];
  return {
    asked,
    ssh: {
      async script(_serverId: string, _script: string, args: readonly string[]) {
        asked.push([...args]);
        return answers(args);
      },
    },
  };
}
const content = randomBytes(2 * PIECE_BYTES + 10);
const archive = {
  ...{ id: 'snp_1', sizeBytes: content.length },
  sha256: createHash('sha256').update(content).digest('hex'),
};
const pieceOf = (bytes: Buffer, piece: number) =>
  bytes.subarray(piece * PIECE_BYTES, (piece + 1) * PIECE_BYTES);
async function collect(bytes: AsyncIterable<Buffer>): Promise<Buffer[]> {
  const pieces: Buffer[] = [];
  for await (const piece of bytes) pieces.push(piece);
  return pieces;
}

describe('what a server says of an archive that it has made', () => {
  const factsOf = (stdout: string, exitCode = 0) =>
    readArchiveFacts(serverThat(() => answer(stdout, exitCode)).ssh, 's1', 'snp_1', limits);

  test('is its size and checksum', async () => {
    expect(await factsOf(`sizeBytes=160\nsha256=${'a'.repeat(64)}\nend=1\n`)).toEqual({
      ...{ sizeBytes: 160, sha256: 'a'.repeat(64) },
    });
  });

  test.each([
    ['no size', `sha256=${'a'.repeat(64)}\nend=1\n`],
    ['an empty archive', `sizeBytes=0\nsha256=${'a'.repeat(64)}\nend=1\n`],
    ['a size without end', `sizeBytes=${'9'.repeat(400)}\nsha256=${'a'.repeat(64)}\nend=1\n`],
    ['a checksum that is none', `sizeBytes=1\nsha256=$(reboot)\nend=1\n`],
    ['half an answer', 'sizeBytes=1\n'],
  ])('is not taken where it names %s', async (_what, stdout) => {
    await expect(factsOf(stdout)).rejects.toMatchObject({ code: 'bad_gateway' });
  });

  test('is not_found where there is none', async () => {
    await expect(factsOf('', 70)).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('the pieces of an archive', () => {
  const base64 = (bytes: Buffer) => `${bytes.toString('base64').replace(/.{76}/g, '$&\n')}\n`;
  const reading = (bytes: Buffer) => {
    const { ssh, asked } = serverThat(([, piece]) => answer(base64(pieceOf(bytes, Number(piece)))));
    return { asked, read: (piece: number) => readPiece(ssh, 's1', archive, piece, limits) };
  };

  test('are the archive that was made', async () => {
    const { read, asked } = reading(content);
    expect(Buffer.concat(await collect(readPieces(read, archive))).equals(content)).toBe(true);
    expect(asked).toEqual([0, 1, 2].map((piece) => ['snp_1', String(piece), String(PIECE_BYTES)]));
    expect(piecesOf(archive)).toBe(3);
  });

  test('end before the last one when any byte has changed', async () => {
    const changed = Buffer.from(content);
    changed[5]! ^= 1;
    const pieces: Buffer[] = [];
    const all = async () => {
      for await (const piece of readPieces(reading(changed).read, archive)) pieces.push(piece);
    };
    await expect(all()).rejects.toMatchObject({ code: 'checksum_mismatch' });
    expect(pieces).toHaveLength(2);
  });

  test.each([
    ['shorter', content.subarray(0, content.length - 1)],
    ['longer', Buffer.concat([content, Buffer.alloc(1)])],
  ])('are refused where the last one is %s than it was', async (_what, bytes) => {
    await expect(reading(bytes).read(2)).rejects.toMatchObject({ code: 'checksum_mismatch' });
  });
});

test('an archive of more than 2 GiB does not leave its server', () => {
  expect(() => expectCarriable({ sizeBytes: MAX_CARRIED_BYTES })).not.toThrow();
  expect(() => expectCarriable({ sizeBytes: MAX_CARRIED_BYTES + 1 })).toThrow('more than 2 GiB');
});

test('an id that Buoy has not made reaches no script', async () => {
  const { ssh, asked } = serverThat(() => answer('done\n'));
  for (const id of ['../../etc/passwd', 'snp_1; reboot', 'snp_', ''])
    await expect(removeArchives(ssh, 's1', [id], { ...limits, known: [], unknown: 5 })).rejects.toMatchObject(
      {
        code: 'internal',
      },
    );
  expect(asked).toEqual([]);
});

test('a check of an archive that ends in other words is not believed', async () => {
  const openclaw = { ...limits, command: '/bin/openclaw', node: '/bin/node' };
  const check = (stdout: string) =>
    verifyArchive(serverThat(() => answer(stdout)).ssh, 's1', archive, openclaw);
  expect(await check('a greeting\nok\n')).toMatchObject({ ok: true, isChecked: true });
  expect(await check('foreign\n')).toMatchObject({ ok: false, isChecked: false });
  for (const words of ['', 'constructor\n', 'ok, all is well\n'])
    await expect(check(words)).rejects.toMatchObject({ code: 'bad_gateway' });
});
