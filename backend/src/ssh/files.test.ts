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
const ownerOnly = { ...soon, mode: 0o600 };

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

  test('a file has the content and the mode that it was written with, and no temporary file remains', async () => {
    const content = Buffer.from(Array.from({ length: 700_000 }, (_, i) => i % 251));
    await ssh.writeFile(id, '~/big.bin', content, { ...soon, mode: 0o640 });
    expect(readFileSync(inHome('big.bin')).equals(content)).toBe(true);
    expect(statSync(inHome('big.bin')).mode & 0o7777).toBe(0o640);
    expect(readdirSync(sshd.home).filter((name) => name.includes('big'))).toEqual(['big.bin']);
  });

  test('text is written as UTF-8, an empty file is empty', async () => {
    await ssh.writeFile(id, '~/text', 'größe', ownerOnly);
    expect(readFileSync(inHome('text'), 'utf8')).toBe('größe');
    await ssh.writeFile(id, '~/empty', '', ownerOnly);
    expect(readFileSync(inHome('empty'))).toHaveLength(0);
  });

  test('an existing file is replaced in one step: a reader never sees a part', async () => {
    await ssh.writeFile(id, '~/swap', 'a'.repeat(100_000), { ...soon, mode: 0o644 });
    const before = statSync(inHome('swap')).ino;
    await ssh.writeFile(id, '~/swap', 'b'.repeat(100_000), ownerOnly);
    expect(statSync(inHome('swap')).ino).not.toBe(before);
    expect(readFileSync(inHome('swap'), 'utf8')).toBe('b'.repeat(100_000));
    expect(statSync(inHome('swap')).mode & 0o777).toBe(0o600);
  });

  test('a symbolic link stays one, its target gets the content', async () => {
    writeFileSync(inHome('real.json'), 'old');
    symlinkSync('real.json', inHome('link.json'));
    // The account must be able to replace it.
    await ssh.exec(id, 'cp real.json r && mv -f r real.json', soon);
    await ssh.writeFile(id, '~/link.json', 'new', ownerOnly);
    expect(lstatSync(inHome('link.json')).isSymbolicLink()).toBe(true);
    expect(readFileSync(inHome('real.json'), 'utf8')).toBe('new');
  });

  test('a path in a missing folder is not_found, one in a forbidden folder is refused, and no message contains the path', async () => {
    const missing = await ssh
      .writeFile(id, '/nowhere/secret-name', 'x', ownerOnly)
      .catch((error: unknown) => error);
    expect(missing).toMatchObject({ code: 'not_found' });
    expect(JSON.stringify(missing)).not.toContain('secret-name');
    await expect(ssh.writeFile(id, '/etc/buoy-test', 'x', ownerOnly)).rejects.toMatchObject({
      code: 'refused',
    });
    await expect(ssh.writeFile(id, '~/no/such/folder', 'x', ownerOnly)).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  test('a folder is not replaced', async () => {
    await ssh.exec(id, 'mkdir -p folder', soon);
    await expect(ssh.writeFile(id, '~/folder', 'x', ownerOnly)).rejects.toMatchObject({
      code: 'refused',
    });
    expect(readdirSync(sshd.home).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('a failed write leaves no temporary file', async () => {
    mkdirSync(inHome('locked'));
    chmodSync(inHome('locked'), 0o755);
    await expect(ssh.writeFile(id, '~/locked/file', 'x', ownerOnly)).rejects.toMatchObject({
      code: 'refused',
    });
    expect(readdirSync(inHome('locked'))).toEqual([]);
  });

  test('a path with a NUL character or none at all is an invalid request', async () => {
    await expect(ssh.writeFile(id, 'a\0b', 'x', ownerOnly)).rejects.toMatchObject({
      code: 'invalid_request',
    });
    await expect(ssh.writeFile(id, '', 'x', ownerOnly)).rejects.toMatchObject({ code: 'invalid_request' });
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
        await expect(ssh.writeFile(serverId, '~/x', 'x', ownerOnly)).rejects.toMatchObject({
          code: 'unsupported',
        });
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
    test('keeps its connection while a long file goes both ways', async () => {
      const sshd = await startLoopbackSshd({ config: ['RekeyLimit 1M'] });
      const targets = createMemoryTargets(sshd.target());
      const ssh = createSsh({ targets, clock: systemClock, logger: createKeptLogger().logger });
      const options = { deadlineMs: 60_000 };
      try {
        const { serverId } = sshd.target();
        const content = Buffer.alloc(24_000_000, 'x');
        await ssh.writeFile(serverId, 'long', content, { ...options, mode: 0o600 });
        const { stdout } = await ssh.exec(serverId, 'cat long', {
          ...options,
          maxOutputBytes: content.length,
        });
        expect(stdout === content.toString()).toBe(true);
      } finally {
        await ssh.close();
        await sshd.stop();
      }
    });
  },
);
