// docs/upgrade.md in a checkout and in containers, and the restore of docs/operations.md on an installed Buoy, as written.
import { existsSync, readdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { createClient } from '@buoy/contract/client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { signInByLink } from '../../testbed/buoy-client.ts';
import { runCommand } from '../../testbed/run-command.ts';
import { codeBlocks } from './support/doc-page.ts';
import { type InstalledBuoy, installBuoy } from './support/installed-buoy.ts';

const root = path.resolve(import.meta.dirname, '../..');
const COMMAND_DEADLINE_MS = 60_000;
const TEST_TIMEOUT_MS = 240_000;
const missing =
  existsSync(path.join(root, '.git')) && existsSync('/usr/bin/git') ? '' : ' (skipped: no git checkout)';

let installed: InstalledBuoy;
beforeEach(async () => {
  installed = await installBuoy();
  await installed.start();
});
afterEach(() => installed?.close());

const blockWith = (page: string, words: string): string =>
  codeBlocks(page, 'sh').find((block) => block.includes(words)) ?? '';
const backups = (): string[] =>
  readdirSync(path.join(installed.dataDir, 'backups')).filter((name) => name.endsWith('.gz'));

describe.skipIf(missing !== '')(`docs/upgrade.md${missing}`, () => {
  const git = async (...args: string[]): Promise<string> => {
    const identity = ['-c', 'user.name=Buoy', '-c', 'user.email=buoy@example.org'];
    const { code, stdout, stderr } = await runCommand('git', [...identity, ...args], {
      timeoutMs: COMMAND_DEADLINE_MS,
      env: process.env,
    });
    expect(code, stderr).toBe(0);
    return stdout.trim();
  };
  /** A checkout with its packages, one commit behind. */
  const checkoutBehind = async (): Promise<{ folder: string; newest: string }> => {
    const [upstream, folder] = [path.join(installed.home, 'upstream'), path.join(installed.home, 'checkout')];
    await git('clone', '--quiet', '--shared', root, upstream);
    await git('-C', upstream, 'switch', '--quiet', '--force-create', 'main');
    await git('clone', '--quiet', '--shared', upstream, folder);
    await git('-C', upstream, 'commit', '--quiet', '--allow-empty', '--message', 'newer');
    symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
    return { folder, newest: await git('-C', upstream, 'rev-parse', 'HEAD') };
  };

  test('a checkout: backup, stop, newer commit, start', { timeout: TEST_TIMEOUT_MS }, async () => {
    const { folder, newest } = await checkoutBehind();
    const before = installed.running().pid;
    await installed.type(blockWith('docs/upgrade.md', 'npm run backup'), {
      before: `cd '${folder}'`,
    });
    expect(backups()).toHaveLength(1);
    expect(await git('-C', folder, 'rev-parse', 'HEAD')).toBe(newest);
    expect(installed.running().pid).not.toBe(before);
  });

  test('containers: backup inside, newer commit, build and start', {
    timeout: TEST_TIMEOUT_MS,
  }, async () => {
    const { folder, newest } = await checkoutBehind();
    const docker = `docker() {
  case "$*" in
    'compose exec buoy '*) shift 3; "$@" ;;
    'compose up --build --detach --wait') echo started ;;
    *) return 1 ;;
  esac
}`;
    const { stdout } = await installed.type(blockWith('docs/upgrade.md', 'docker'), {
      before: `${docker}\ncd '${folder}'`,
    });
    expect(stdout.trim().endsWith('started')).toBe(true);
    expect(backups()).toHaveLength(1);
    expect(await git('-C', folder, 'rev-parse', 'HEAD')).toBe(newest);
  });
});

describe('docs/operations.md', () => {
  test('Restore: changes since the backup are gone, and the printed link signs in', {
    timeout: TEST_TIMEOUT_MS,
  }, async () => {
    const api = (token: string) =>
      createClient({ baseUrl: `${installed.running().url}/api`, token: () => token });
    const before = await signInByLink(installed.running());
    await installed.type('sudo buoy-server backup');
    await api(before)('POST /me/tokens', { body: { name: 'later', scopes: ['read'] } });

    const restore = blockWith('docs/operations.md', 'buoy-server restore');
    const { stdout } = await installed.type(restore.replace('FILE', backups()[0] ?? ''));
    const code = /sign-in#code=([\w-]+)/.exec(stdout)?.[1] ?? '';
    const { token } = await api('')('POST /auth/link', { body: { code } });
    await expect(api(before)('GET /me')).rejects.toMatchObject({ status: 401 });
    expect((await api(token)('GET /me/tokens')).tokens).toEqual([]);
  });
});
