// As which account Buoy changes the folders of skills that a gateway names: the real scripts in this machine's /bin/sh.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSkillFolders } from '../skills/skill-folders.ts';
import { runInLocalShell } from '../testing/local-shell.ts';
import { createRunAsGateway } from './as-gateway.ts';
import type { GatewayAccess, Installation } from './installation.ts';
import { asGatewayScript, cliScript } from './scripts.ts';

const NOBODY = 65_534;
/** The number of a login that has no name. */
const LOGIN = 54_321;
const limits = { deadlineMs: 10_000 };

describe.skipIf(process.getuid?.() !== 0)('a gateway of another account than the login', () => {
  let base: string;
  let config: string;
  const at = (...names: string[]) => path.join(base, ...names);

  beforeEach(() => {
    base = mkdtempSync('/tmp/buoy-as-gateway-');
    chmodSync(base, 0o755);
    config = at('openclaw.json');
    writeFileSync(config, '{}');
    for (const folder of ['home/documents/letters', 'service/skills/tea', 'tools'])
      mkdirSync(at(folder), { recursive: true });
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));

  function folders(login: number, access: Partial<GatewayAccess>) {
    const env = { PATH: `${at('tools')}:/usr/bin:/bin`, HOME: at('home') };
    const runAsGateway = createRunAsGateway({
      ssh: { script: async (_serverId, script, args) => runInLocalShell(script, args, { login, env }) },
      installations: {
        find: async () => ({ configPath: config }) as Installation,
        access: async () => ({ port: 1, auth: null, problem: null, ...access }),
      },
    });
    return createSkillFolders({ ssh: { writeFile: async () => {} }, runAsGateway });
  }
  const give = (account: number, ...names: string[]) => {
    for (const name of names) chownSync(at(name), account, account);
  };

  test('does not act as root for a unit of a service account that names a config of root and closes its port', async () => {
    const removed = folders(0, { account: 'nobody' }).remove(
      's1',
      { root: at('home/documents'), name: 'letters' },
      limits,
    );
    await expect(removed).rejects.toMatchObject({ code: 'refused' });
    expect(existsSync(at('home/documents/letters'))).toBe(true);
  });

  test('does not act as a login without root, whose folder the gateway passes off as a skill', async () => {
    give(LOGIN, 'home', 'home/documents', 'home/documents/letters');
    give(NOBODY, 'openclaw.json');
    writeFileSync(at('tools/sudo'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const removed = folders(LOGIN, {}).remove('s1', { root: at('home/documents'), name: 'letters' }, limits);
    await expect(removed).rejects.toMatchObject({ code: 'refused' });
    expect(existsSync(at('home/documents/letters'))).toBe(true);
  });

  test('is not taken for whoever listens on its port while it is down', async () => {
    const stranger = spawn(
      process.execPath,
      [
        '-e',
        "const s = require('node:net').createServer().listen(0, '127.0.0.1', () => console.log(s.address().port))",
      ],
      { uid: NOBODY, gid: NOBODY, cwd: '/', stdio: ['ignore', 'pipe', 'inherit'] },
    );
    try {
      const [port] = await once(stranger.stdout, 'data');
      const removed = folders(0, { port: Number(String(port)) }).remove(
        's1',
        { root: at('service/skills'), name: 'tea' },
        limits,
      );
      await expect(removed).rejects.toMatchObject({
        code: 'refused',
        message: expect.stringContaining('cannot tell'),
      });
    } finally {
      stranger.kill();
    }
  });

  test('is served as its account by sudo', async () => {
    give(NOBODY, 'openclaw.json');
    writeFileSync(at('tools/sudo'), `#!/bin/sh\nprintf '%s ' "$@" >${at('home/asked')}\n`, { mode: 0o755 });
    give(LOGIN, 'home');
    await folders(LOGIN, {}).remove('s1', { root: at('service/skills'), name: 'tea' }, limits);
    expect(readFileSync(at('home/asked'), 'utf8')).toMatch(/^-n -u nobody -- .*\/bin\/sh -c /);
  });

  test('is served as the account of its unit by a login as root', async () => {
    give(NOBODY, 'service', 'service/skills', 'service/skills/tea');
    await folders(0, { account: 'nobody' }).remove('s1', { root: at('service/skills'), name: 'tea' }, limits);
    expect(existsSync(at('service/skills/tea'))).toBe(false);
  });

  test.each([
    ['runuser', 'command -v runuser'],
    ['su', 'command -v runuser-is-absent'],
  ])('gets by %s no variable that the profile of a login as root exports', (_program, found) => {
    give(NOBODY, 'openclaw.json');
    writeFileSync(at('tools/openclaw'), '#!/bin/sh\nenv\n', { mode: 0o755 });
    give(NOBODY, 'tools/openclaw');
    const env = { PATH: '/usr/bin:/bin', HOME: at('home'), RESTIC_PASSWORD: 'of root' };
    const run = (script: string, args: string[]) =>
      runInLocalShell(script.replace('command -v runuser', found), args, { env }).stdout;
    const printed = [
      run(asGatewayScript, [config, '1', 'nobody', '', '', 'env']),
      run(cliScript, [at('tools/openclaw'), at('tools/openclaw')]),
    ];
    for (const one of printed) {
      expect(one).toMatch(/^HOME=/m);
      expect(one).not.toContain('of root');
    }
  });

  test('is not needed where the login runs the gateway itself', async () => {
    give(LOGIN, 'home', 'home/documents', 'home/documents/letters', 'openclaw.json');
    await folders(LOGIN, {}).remove('s1', { root: at('home/documents'), name: 'letters' }, limits);
    expect(existsSync(at('home/documents/letters'))).toBe(false);
  });

  test('cannot be told where its unit names no account of this system', async () => {
    const removed = folders(0, { account: 'buoy-no-such-account' }).remove(
      's1',
      { root: at('service/skills'), name: 'tea' },
      limits,
    );
    await expect(removed).rejects.toMatchObject({ message: expect.stringContaining('cannot tell') });
    expect(execFileSync('ls', [at('service/skills')], { encoding: 'utf8' })).toBe('tea\n');
  });
});
