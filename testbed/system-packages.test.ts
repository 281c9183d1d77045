// Detection of system programs, without installing any.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ensureSystemPackages } from './system-packages.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'system-packages-'));
});
afterEach(() => rm(directory, { recursive: true }));

test('a package group with missing programs names the packages to install', async () => {
  await writeFile(join(directory, 'ssh'), '');
  const states = await ensureSystemPackages(['ssh', 'postgres'], {
    install: false,
    directories: [directory],
  });
  expect(states).toEqual({
    ssh: {
      ok: false,
      missing: ['openssh-server'],
      reason: 'missing packages: openssh-server (not installed)',
    },
    postgres: { ok: false, missing: ['postgresql'], reason: 'missing packages: postgresql (not installed)' },
  });
});

test('a package group is complete when its programs are in any of the directories', async () => {
  const other = join(directory, 'sbin');
  await mkdir(other);
  await writeFile(join(directory, 'ssh'), '');
  await writeFile(join(other, 'sshd'), '');
  const states = await ensureSystemPackages(['ssh'], { install: false, directories: [directory, other] });
  expect(states).toEqual({ ssh: { ok: true } });
});
