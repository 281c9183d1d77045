// Files by SFTP on a real OpenSSH server.
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../lib/clock.ts';
import { createSsh } from './create-ssh.ts';
import type { Ssh } from './ssh.ts';
import { createKeptLogger } from './testing/kept-logger.ts';
import { type LoopbackSshd, noAccounts, startLoopbackSshd } from './testing/loopback-sshd.ts';
import { createMemoryTargets } from './testing/memory-targets.ts';

const soon = { deadlineMs: 10_000 };
const read = { ...soon, maxBytes: 1_000_000 };

describe.skipIf(noAccounts !== null)(`files by SFTP${noAccounts === null ? '' : ` (${noAccounts})`}`, () => {
  let sshd: LoopbackSshd;
  let ssh: Ssh;
  let id: string;
  const inHome = (name: string) => join(sshd.home, name);

  beforeAll(async () => {
    sshd = await startLoopbackSshd();
    id = sshd.target().serverId;
    const targets = createMemoryTargets(sshd.target());
    const limits = { closeGraceMs: 200 };
    ssh = createSsh({ targets, clock: systemClock, logger: createKeptLogger().logger, limits });
  });
  afterAll(async () => {
    await ssh?.close();
    await sshd?.stop();
  });

  test('a file is read back as it was written, with its mode, and no temporary file remains', async () => {
    const content = Buffer.from(Array.from({ length: 700_000 }, (_, i) => i % 251));
    await ssh.writeFile(id, '~/big.bin', content, { ...soon, mode: 0o640 });
    expect((await ssh.readFile(id, inHome('big.bin'), read)).equals(content)).toBe(true);
    expect(statSync(inHome('big.bin')).mode & 0o7777).toBe(0o640);
    expect(readdirSync(sshd.home).filter((name) => name.includes('big'))).toEqual(['big.bin']);
  });

  test('text is written as UTF-8, an empty file is empty', async () => {
    await ssh.writeFile(id, '~/text', 'größe', { ...soon, mode: 0o600 });
    expect(readFileSync(inHome('text'), 'utf8')).toBe('größe');
    await ssh.writeFile(id, '~/empty', '', { ...soon, mode: 0o600 });
    expect(await ssh.readFile(id, '~/empty', read)).toHaveLength(0);
  });

  test('an existing file is replaced in one step: a reader never sees a part', async () => {
    await ssh.writeFile(id, '~/swap', 'a'.repeat(100_000), { ...soon, mode: 0o644 });
    const before = statSync(inHome('swap')).ino;
    await ssh.writeFile(id, '~/swap', 'b'.repeat(100_000), { ...soon, mode: 0o600 });
    expect(statSync(inHome('swap')).ino).not.toBe(before);
    expect(readFileSync(inHome('swap'), 'utf8')).toBe('b'.repeat(100_000));
    expect(statSync(inHome('swap')).mode & 0o777).toBe(0o600);
  });

  test('a symbolic link stays one, its target gets the content', async () => {
    writeFileSync(inHome('real.json'), 'old');
    symlinkSync('real.json', inHome('link.json'));
    // The account must be able to replace it.
    await ssh.exec(id, 'cp real.json r && mv -f r real.json', soon);
    await ssh.writeFile(id, '~/link.json', 'new', { ...soon, mode: 0o600 });
    expect(lstatSync(inHome('link.json')).isSymbolicLink()).toBe(true);
    expect(readFileSync(inHome('real.json'), 'utf8')).toBe('new');
  });

  test('a file of exactly the limit is read, one byte more is too large', async () => {
    await ssh.writeFile(id, '~/limit', 'x'.repeat(1000), { ...soon, mode: 0o600 });
    expect(await ssh.readFile(id, '~/limit', { ...soon, maxBytes: 1000 })).toHaveLength(1000);
    await expect(ssh.readFile(id, '~/limit', { ...soon, maxBytes: 999 })).rejects.toMatchObject({
      code: 'output_too_large',
    });
  });

  test('a file that claims no size is read up to the limit', async () => {
    await expect(ssh.readFile(id, '/dev/zero', { ...soon, maxBytes: 300_000 })).rejects.toMatchObject({
      code: 'output_too_large',
    });
    expect((await ssh.readFile(id, '/proc/self/status', read)).toString()).toContain('Name:');
  });

  test('a missing file is not_found, a forbidden one is refused, and no message contains the path', async () => {
    const missing = await ssh.readFile(id, '/nowhere/secret-name', read).catch((error: unknown) => error);
    expect(missing).toMatchObject({ code: 'not_found' });
    expect(JSON.stringify(missing)).not.toContain('secret-name');
    await expect(ssh.readFile(id, '/etc/shadow', read)).rejects.toMatchObject({ code: 'refused' });
    await expect(ssh.writeFile(id, '/etc/buoy-test', 'x', { ...soon, mode: 0o600 })).rejects.toMatchObject({
      code: 'refused',
    });
    await expect(ssh.writeFile(id, '~/no/such/folder', 'x', { ...soon, mode: 0o600 })).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  test('a folder is neither read nor replaced', async () => {
    await ssh.exec(id, 'mkdir -p folder', soon);
    await expect(ssh.readFile(id, '~/folder', read)).rejects.toMatchObject({ code: 'refused' });
    await expect(ssh.writeFile(id, '~/folder', 'x', { ...soon, mode: 0o600 })).rejects.toMatchObject({
      code: 'refused',
    });
    expect(readdirSync(sshd.home).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('a failed write leaves no temporary file', async () => {
    mkdirSync(inHome('locked'));
    chmodSync(inHome('locked'), 0o755);
    await expect(ssh.writeFile(id, '~/locked/file', 'x', { ...soon, mode: 0o600 })).rejects.toMatchObject({
      code: 'refused',
    });
    expect(readdirSync(inHome('locked'))).toEqual([]);
  });

  test('reading a pipe that never answers ends at the deadline, and its place is freed', async () => {
    await ssh.exec(id, 'mkfifo pipe', soon);
    const calls = Array.from({ length: 8 }, () =>
      ssh.readFile(id, '~/pipe', { deadlineMs: 300, maxBytes: 10 }),
    );
    for (const outcome of await Promise.allSettled(calls)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'deadline' } });
    }
    expect((await ssh.exec(id, 'echo ok', soon)).stdout).toBe('ok\n');
  });

  test('a path with a NUL character or none at all is an invalid request', async () => {
    await expect(ssh.readFile(id, 'a\0b', read)).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(ssh.readFile(id, '', read)).rejects.toMatchObject({ code: 'invalid_request' });
  });
});

describe.skipIf(noAccounts !== null)(
  `a server without SFTP${noAccounts === null ? '' : ` (${noAccounts})`}`,
  () => {
    test('says so, and commands still work', async () => {
      const sshd = await startLoopbackSshd({ config: ['Subsystem sftp /bin/false'] }).catch(() => null);
      if (sshd === null) throw new Error('sshd took no other subsystem');
      const targets = createMemoryTargets(sshd.target());
      const ssh = createSsh({ targets, clock: systemClock, logger: createKeptLogger().logger });
      try {
        const { serverId } = sshd.target();
        await expect(ssh.readFile(serverId, '~/x', read)).rejects.toMatchObject({ code: 'unsupported' });
        expect((await ssh.exec(serverId, 'echo ok', soon)).stdout).toBe('ok\n');
      } finally {
        await ssh.close();
        await sshd.stop();
      }
    });
  },
);

describe.skipIf(noAccounts !== null)(
  `a server that wants new keys each megabyte${noAccounts === null ? '' : ` (${noAccounts})`}`,
  () => {
    test('keeps its connection while long files go both ways', async () => {
      const sshd = await startLoopbackSshd({ config: ['RekeyLimit 1M'] });
      const targets = createMemoryTargets(sshd.target());
      const ssh = createSsh({ targets, clock: systemClock, logger: createKeptLogger().logger });
      const options = { deadlineMs: 60_000 };
      try {
        const { serverId } = sshd.target();
        const content = Buffer.alloc(24_000_000, 'x');
        await ssh.writeFile(serverId, 'long', content, { ...options, mode: 0o600 });
        const read = await ssh.readFile(serverId, 'long', { ...options, maxBytes: content.length });
        expect(read.equals(content)).toBe(true);
        const { stdout } = await ssh.exec(serverId, 'cat long', {
          ...options,
          maxOutputBytes: content.length,
        });
        expect(stdout).toHaveLength(content.length);
      } finally {
        await ssh.close();
        await sshd.stop();
      }
    });
  },
);
