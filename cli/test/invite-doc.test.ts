// Runs the commands of docs/invite.md with the bundled command line and curl, against a real Buoy.
import { existsSync } from 'node:fs';
import { createClient } from '@buoy/contract/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeBlocks } from '../../backend/test/support/doc-page.ts';
import { type InstalledBuoy, installBuoy } from '../../backend/test/support/installed-buoy.ts';
import { signInByLink } from '../../testbed/buoy-client.ts';
import { type Bundle, buildBundle } from './support/build-bundle.ts';

const missing = ['curl', 'jq'].filter((program) => !existsSync(`/usr/bin/${program}`)).join(' and ');
const PAGE_MS = 240_000;
const blocks = codeBlocks('docs/invite.md', 'sh');
const nowhere = { host: '127.0.0.1', port: 1, username: 'deploy', authType: 'password' } as const;

describe.skipIf(missing !== '')(`docs/invite.md${missing && ` (skipped: no ${missing})`}`, () => {
  let installed: InstalledBuoy;
  let bundle: Bundle;
  let owner: string;

  const api = (token: string | null) =>
    createClient({ baseUrl: `${installed.running().url}/api`, token: () => token });
  const codeIn = (link: string): string => /#code=([\w-]+)/.exec(link)?.[1] ?? '';
  const type = (lines: string, token: string, more: { input?: string; env?: Record<string, string> } = {}) =>
    installed.type(lines, {
      ...more,
      before: [
        `buoy() { '${process.execPath}' '${bundle.file}' "$@"; }`,
        ...blocks
          .join('')
          .split('\n')
          .filter((line) => line.startsWith('auth=')),
      ].join('\n'),
      env: { ...more.env, BUOY_TOKEN: token },
    });
  const blockWith = (words: string): string => {
    const found = blocks.filter((block) => block.includes(words));
    expect(found).toHaveLength(1);
    return found[0] ?? '';
  };
  /** Opens the invite link without an account and joins by name. */
  const join = (link: string, name: string) =>
    api(null)('POST /auth/invite', { body: { code: codeIn(link), name } });

  beforeAll(async () => {
    [installed, bundle] = await Promise.all([installBuoy({ RATE_LIMIT_AUTH: '1000' }), buildBundle()]);
    await installed.start();
    owner = await signInByLink(installed.running());
    await api(owner)('POST /servers', { body: { ...nowhere, name: 'web', password: 'x' } });
  });
  afterAll(async () => {
    await installed?.close();
    bundle?.remove();
  });

  test('every command block of the page is run by a test of this file', () => {
    const typed = ['--hours 48', 'invites revoke', 'expiresInH', 'access accept', 'users invite'];
    typed.push('access grant', 'access transfer', 'account link');
    expect(new Set(typed.map(blockWith))).toEqual(new Set(blocks));
  });

  test('an invite from the command line signs in a person without an account, and another one is revoked', {
    timeout: PAGE_MS,
  }, async () => {
    const { stdout } = await type(blockWith('--hours 48'), owner);
    await type(blockWith('invites revoke'), owner);
    await expect(join(stdout, 'Too late')).rejects.toMatchObject({ status: 404 });
    const second = await type(blockWith('--hours 48'), owner);
    const { token, user } = await join(second.stdout, 'Grace Hopper');
    expect(user).toMatchObject({ firstName: 'Grace Hopper', approved: true });
    expect((await api(token)('GET /servers')).servers).toMatchObject([{ name: 'web', role: 'viewer' }]);
  });

  test('an invite from the API is accepted with an account, on the command line', {
    timeout: PAGE_MS,
  }, async () => {
    const link = (await type(blockWith('expiresInH'), owner)).stdout.trim();
    expect(link).toMatch(/^http.+\/invite#code=/);
    const made = await api(owner)('POST /admin/users', { body: { name: 'Hedy' } });
    const hedy = await api(null)('POST /auth/link', { body: { code: codeIn(made.signInUrl ?? '') } });
    const accepted = await type(blockWith('access accept'), hedy.token, { input: `${link}\n` });
    expect(accepted.stdout).toMatch(/^You are now viewer of web /);
  });

  test('both ways to invite a person without a server print a sign-in link', {
    timeout: PAGE_MS,
  }, async () => {
    const { stdout } = await type(blockWith('users invite'), owner);
    const codes = [...stdout.matchAll(/sign-in#code=([\w-]+)/g)].map(([, code = '']) => code);
    const people = await Promise.all(codes.map((code) => api(null)('POST /auth/link', { body: { code } })));
    expect(people.map(({ user }) => user.firstName)).toEqual(['Grace Hopper', 'Ada Lovelace']);
    expect((await api(people[0]?.token ?? '')('GET /servers')).servers).toEqual([]);
  });

  test('a role is granted by user id, changed and revoked, and the server is transferred', {
    timeout: PAGE_MS,
  }, async () => {
    await type(blockWith('access grant'), owner);
    const made = await api(owner)('POST /admin/users', { body: { name: 'Next owner' } });
    const typed = await type(blockWith('access transfer'), owner, { env: { NEW_OWNER: made.user.id } });
    expect(typed.stdout).toContain('777000111 is now admin of web.');
    expect(typed.stdout).toContain('777000111 no longer has access to web.');
    expect(typed.stdout).toContain(`${made.user.id} now owns web.`);
  });

  test('a link to keep signs in its owner', { timeout: PAGE_MS }, async () => {
    const { stdout, stderr } = await type(blockWith('account link'), owner);
    const { user } = await api(null)('POST /auth/link', { body: { code: codeIn(stdout) } });
    expect(user.isSuperAdmin).toBe(true);
    expect(stderr).toContain('No passkeys.');
  });
});
