// Runs the commands of docs/locked-out.md on an installed Buoy: people who can no longer sign in.
import { copyFileSync, existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { createClient } from '@buoy/contract/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeBlocks } from '../../backend/test/support/doc-page.ts';
import { type InstalledBuoy, installBuoy } from '../../backend/test/support/installed-buoy.ts';
import { signInByLink, signInByNewLink } from '../../testbed/buoy-client.ts';
import { type Bundle, buildBundle } from './support/build-bundle.ts';

const missing = existsSync('/usr/bin/jq') ? '' : 'no jq';
const PAGE_MS = 240_000;
const blocks = codeBlocks('docs/locked-out.md', 'sh');
const nowhere = { host: '127.0.0.1', port: 1, username: 'deploy', authType: 'password' } as const;
const keyFiles = ['vault-keys', 'jwt-secret'];

describe.skipIf(missing !== '')(`docs/locked-out.md${missing && ` (skipped: ${missing})`}`, () => {
  let installed: InstalledBuoy;
  let bundle: Bundle;
  let admin: string;
  let grace: { id: string };

  const api = (token: string | null) =>
    createClient({ baseUrl: `${installed.running().url}/api`, token: () => token });
  const codesIn = (text: string): string[] =>
    [...text.matchAll(/sign-in#code=([\w-]+)/g)].map(([, code = '']) => code);
  const open = (code: string | undefined) => api(null)('POST /auth/link', { body: { code: code ?? '' } });
  const blockWith = (words: string): string => {
    const found = blocks.filter((block) => block.includes(words));
    expect(found).toHaveLength(1);
    return found[0] ?? '';
  };
  const type = (lines: string, token = '') =>
    installed.type(lines, {
      before: `buoy() { '${process.execPath}' '${bundle.file}' "$@"; }`,
      env: token === '' ? {} : { BUOY_TOKEN: token },
    });
  const linkForGrace = blocks.find((block) => block.startsWith('buoy admin users link')) ?? '';

  beforeAll(async () => {
    [installed, bundle] = await Promise.all([installBuoy({ RATE_LIMIT_AUTH: '1000' }), buildBundle()]);
    await installed.start();
    admin = await signInByLink(installed.running());
    await api(admin)('POST /servers', { body: { ...nowhere, name: 'web', password: 'sealed' } });
    grace = (await api(admin)('POST /admin/users', { body: { name: 'Grace Hopper' } })).user;
  });
  afterAll(async () => {
    await installed?.close();
    bundle?.remove();
  });

  test('every command block of the page is run by a test of this file', () => {
    const typed = ['devices revoke', 'void-link', 'users disable', 'sign-in-link ', 'tee -a', 'install -o'];
    typed.push('--without-keys');
    expect(new Set([linkForGrace, ...typed.map(blockWith)])).toEqual(new Set(blocks));
  });

  test('a super-admin creates a sign-in link, and the person signs out the lost device', {
    timeout: PAGE_MS,
  }, async () => {
    const lost = await open(codesIn((await type(linkForGrace, admin)).stdout)[0]);
    const back = await open(codesIn((await type(linkForGrace, admin)).stdout)[0]);
    expect(back.user.id).toBe(grace.id);
    await type(blockWith('devices revoke'), back.token);
    await expect(api(lost.token)('GET /me')).rejects.toMatchObject({ status: 401 });
    expect((await api(back.token)('GET /me')).user.id).toBe(grace.id);

    const kept = await api(back.token)('POST /me/sign-in-link');
    await type(blockWith('void-link'), back.token);
    await expect(open(codesIn(kept.signInUrl)[0])).rejects.toMatchObject({ status: 401 });

    const again = await open(codesIn((await type(blockWith('users disable'), admin)).stdout)[0]);
    expect(again.user.id).toBe(grace.id);
    await expect(api(back.token)('GET /me')).rejects.toMatchObject({ status: 401 });
  });

  test('sign-in-link on the machine signs in the first super-admin and any person, and ADMIN_USER_IDS adds a super-admin', {
    timeout: PAGE_MS,
  }, async () => {
    const [first, named] = codesIn((await type(blockWith('sign-in-link '))).stdout);
    expect((await open(first)).user.isSuperAdmin).toBe(true);
    const signedIn = await open(named);
    expect(signedIn.user).toMatchObject({ id: grace.id, isSuperAdmin: false });
    await type(blockWith('tee -a').replace('=USER_ID', `=${grace.id}`));
    expect((await api(signedIn.token)('GET /me')).user.isSuperAdmin).toBe(true);
  });

  test('Buoy starts only with its keys; without a copy, restore --without-keys brings back everything but the secrets', {
    timeout: PAGE_MS,
  }, async () => {
    const { dataDir, home } = installed;
    for (const file of keyFiles) copyFileSync(path.join(dataDir, file), path.join(home, file));
    await type('sudo buoy-server backup');
    await installed.stop();
    for (const file of keyFiles) rmSync(path.join(dataDir, file));
    await expect(installed.start()).rejects.toThrow(/vault key/i);
    await type(blockWith('install -o'));
    const token = await signInByNewLink(installed.running());
    expect((await api(token)('GET /admin/health/detailed')).vault.outdated).toBe(0);

    await installed.stop();
    rmSync(path.join(dataDir, 'jwt-secret'));
    await installed.start();
    await expect(api(token)('GET /me')).rejects.toMatchObject({ status: 401 });

    rmSync(path.join(dataDir, 'vault-keys'));
    const [backup = ''] = readdirSync(path.join(dataDir, 'backups')).filter((name) => name.endsWith('.gz'));
    const { stdout } = await type(blockWith('--without-keys').replace('FILE', backup));
    expect(stdout).toMatch(/\d secrets? could not be opened/);
    const { token: anew } = await open(codesIn(stdout)[0]);
    expect((await api(anew)('GET /servers')).servers).toMatchObject([{ name: 'web' }]);
  });
});
