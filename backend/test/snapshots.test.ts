// Snapshots over HTTP, on archives of a server behind a real sshd.
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noSshd } from '../src/ssh/testing/loopback-sshd.ts';
import { buoyCommand } from './support/buoy-command.ts';
import { ARCHIVES, prepareSnapshotFixture, type SnapshotFixture } from './support/snapshot-fixture.ts';

/** More than one piece. */
const BYTES = 3_000_000;

describe.skipIf(noSshd !== null)('snapshots of a server', () => {
  let fixture: SnapshotFixture;
  let folder: string;
  beforeAll(async () => {
    fixture = await prepareSnapshotFixture();
    folder = mkdtempSync(path.join(tmpdir(), 'buoy-opened-'));
  });
  afterAll(async () => {
    await fixture?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const at = (id = '', call = '') =>
    ['/servers', fixture.serverId, 'setup/snapshots', id, call].filter(Boolean).join('/');
  const download = (id: string) =>
    fixture.as('owner', 'GET', at(id, 'download')).then(
      (answer) => answer,
      () => null,
    );
  const openFile = async (bytes: Buffer, name: string) => {
    const file = path.join(folder, `${name}.sealed`);
    const to = path.join(folder, name);
    writeFileSync(file, bytes);
    const { dataDir } = fixture.running;
    return { to, ...(await buoyCommand('open-snapshot', [file, to], { DATA_DIR: dataDir })) };
  };

  test('are listed newest first, in pages, and by their reason', async () => {
    for (const [id, reason, day] of [
      ['snp_old', 'update', 1],
      ['snp_new', 'update', 3],
      ['snp_mine', 'manual', 2],
    ] as const)
      await fixture.record({ id, reason, createdAt: `2025-03-0${day}T10:00:00.000Z` });
    const list = async (query: string) => (await fixture.as('viewer', 'GET', `${at()}?${query}`)).json();
    const first = await list('limit=2');
    expect(first.snapshots.map(({ id }: { id: string }) => id)).toEqual(['snp_new', 'snp_mine']);
    expect((await list(`limit=2&cursor=${first.nextCursor}`)).snapshots).toEqual([
      {
        ...{ id: 'snp_old', serverId: fixture.serverId, version: '2026.9.6', reason: 'update', note: null },
        ...{ createdAt: '2025-03-01T10:00:00.000Z', sizeBytes: 1, sha256: 'a'.repeat(64), verified: true },
      },
    ]);
    expect((await list('reason=update&limit=1')).snapshots).toMatchObject([{ id: 'snp_new' }]);
    for (const id of ['snp_old', 'snp_new', 'snp_mine'])
      expect((await fixture.as('owner', 'DELETE', at(id))).statusCode).toBe(204);
  });

  test('are downloaded sealed, and opened on the machine of Buoy as they were', async () => {
    const { sha256 } = await fixture.archive('snp_whole', BYTES);
    const answer = await download('snp_whole');
    expect(answer?.statusCode).toBe(200);
    expect(answer?.headers['content-disposition']).toBe('attachment; filename="snp_whole.tar.gz.sealed"');
    const { to, code, stderr } = await openFile(answer!.rawPayload, 'snp_whole.tar.gz');
    expect([code, stderr]).toEqual([0, '']);
    expect(createHash('sha256').update(readFileSync(to)).digest('hex')).toBe(sha256);
    expect(statSync(to).mode & 0o777).toBe(0o600);
    expect(answer!.rawPayload.includes(readFileSync(to).subarray(0, 64))).toBe(false);
    // It replaces no file.
    expect((await openFile(answer!.rawPayload, 'snp_whole.tar.gz')).code).toBe(1);
  });

  test('that were changed on their server do not open', async () => {
    await fixture.archive('snp_changed', BYTES);
    const change = `cd ${ARCHIVES} && printf x | dd of=snp_changed.tar.gz bs=1 seek=2500000 conv=notrunc`;
    await fixture.onServer(change);
    const answer = await download('snp_changed');
    const { code } = await openFile(answer?.rawPayload ?? Buffer.alloc(0), 'snp_changed.tar.gz');
    expect(code).toBe(1);
    expect(() => statSync(path.join(folder, 'snp_changed.tar.gz'))).toThrow('ENOENT');
  });

  test('whose archive is gone answer 404, and one of another length 422', async () => {
    await fixture.archive('snp_gone', 10);
    await fixture.onServer(`rm ${ARCHIVES}/snp_gone.tar.gz`);
    expect((await download('snp_gone'))?.statusCode).toBe(404);
    await fixture.archive('snp_short', 10);
    await fixture.onServer(`echo x >${ARCHIVES}/snp_short.tar.gz`);
    expect((await download('snp_short'))?.json()).toMatchObject({ code: 'checksum_mismatch' });
  });

  test('of more than 2 GiB are not downloaded', async () => {
    await fixture.record({ id: 'snp_large', sizeBytes: 2 * 1024 ** 3 + 1 });
    expect((await download('snp_large'))?.statusCode).toBe(413);
  });

  test('are verified on their server, which is remembered', async () => {
    const bin = '~/.local/openclaw/bin';
    const modules = '~/.local/openclaw/lib/node_modules/openclaw';
    await fixture.onServer(
      [
        `mkdir -p ${bin} ${modules} && ln -s ${process.execPath} ${bin}/node`,
        `printf '{\\n  "name": "openclaw",\\n  "version": "2026.9.6"\\n}\\n' >${modules}/package.json`,
        `printf '%s\\n' '#!/bin/sh' 'case "$1 $2" in "backup verify") [ ! -f ~/unreadable ] ;; esac' >${modules}/openclaw.mjs`,
        `chmod 755 ${modules}/openclaw.mjs && ln -s ../lib/node_modules/openclaw/openclaw.mjs ${bin}/openclaw`,
      ].join(' && '),
    );
    await fixture.archive('snp_checked', 100);
    const verify = async () => (await fixture.as('admin', 'POST', at('snp_checked', 'verify'))).json();
    const isVerified = async () =>
      (await fixture.as('viewer', 'GET', at()))
        .json()
        .snapshots.find(({ id }: { id: string }) => id === 'snp_checked').verified;
    expect(await verify()).toEqual({
      ok: true,
      detail: 'The archive is unchanged, and OpenClaw can read it.',
    });
    await fixture.onServer('touch ~/unreadable');
    expect(await verify()).toMatchObject({ ok: false, detail: expect.stringContaining('cannot read it') });
    expect(await isVerified()).toBe(false);
    await fixture.onServer('rm ~/unreadable');
    expect([await verify(), await isVerified()]).toMatchObject([{ ok: true }, true]);
    await fixture.onServer(`echo x >>${ARCHIVES}/snp_checked.tar.gz`);
    expect(await verify()).toMatchObject({ ok: false, detail: expect.stringContaining('checksum differs') });
    await fixture.onServer(`rm ${ARCHIVES}/snp_checked.tar.gz`);
    expect(await verify()).toMatchObject({ ok: false, detail: expect.stringContaining('not on the server') });
  });

  test('are deleted with their archive, and no other one', async () => {
    await fixture.archive('snp_kept', 10);
    await fixture.archive('snp_deleted', 10);
    await fixture.onServer(`touch ${ARCHIVES}/snp_of_nobody.tar.gz`);
    expect((await fixture.as('owner', 'DELETE', at('snp_deleted'))).statusCode).toBe(204);
    const names = (await fixture.onServer(`ls ${ARCHIVES}`)).split('\n');
    expect(names).toContain('snp_kept.tar.gz');
    expect(names).toContain('snp_of_nobody.tar.gz');
    expect(names).not.toContain('snp_deleted.tar.gz');
    expect((await fixture.as('owner', 'DELETE', at('snp_deleted'))).statusCode).toBe(404);
    const deletions = (await fixture.auditLog()).filter(({ target }) => target === 'snp_deleted');
    const action = 'DELETE /servers/:id/setup/snapshots/:snapshotId';
    expect(deletions).toMatchObject([
      { action, result: 'ok' },
      { action, result: 'failed', details: { status: 404 } },
    ]);
  });

  test('are made only where OpenClaw has a config: the task says so', async () => {
    const { task } = (await fixture.as('admin', 'POST', at(), { note: 'mine' })).json();
    expect(task).toMatchObject({ type: 'snapshot', serverId: fixture.serverId });
  });
});
