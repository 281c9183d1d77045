// With whose rights Buoy reads files of a gateway that runs as another account than the login: the real scripts in this machine's /bin/sh.
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createHostConfigs } from '../config/host-config.ts';
import { createPairingFiles } from '../pairing/pairing-files.ts';
import { runInLocalShell } from '../testing/local-shell.ts';
import { createRunAsGateway } from './as-gateway.ts';
import { createGatewayFiles } from './gateway-files.ts';
import type { Installation, Installations } from './installation.ts';

const NOBODY = 65_534;
/** The number of a login that has no name. */
const LOGIN = 54_321;
const limits = { deadlineMs: 10_000 };

describe.skipIf(process.getuid?.() !== 0)('files of a gateway of a service account', () => {
  let base: string;
  const at = (...names: string[]) => path.join(base, ...names);
  const write = (file: string, owner: number, { mode = 0o600, text = `{ says: '${file}' }` } = {}) => {
    writeFileSync(at(file), text);
    chownSync(at(file), owner, owner);
    chmodSync(at(file), mode);
  };
  const sudo = (allowed: string) =>
    writeFileSync(
      at('tools/sudo'),
      `#!/bin/sh\ncase "$*" in ${allowed}) echo "by sudo: $*" ;; *) exit 1 ;; esac\n`,
      { mode: 0o755 },
    );

  beforeEach(() => {
    base = mkdtempSync('/tmp/buoy-gateway-files-');
    chmodSync(base, 0o755);
    for (const folder of ['tools', 'home', 'service', 'service/credentials', 'service/agent'])
      mkdirSync(at(folder));
    for (const folder of ['service', 'service/credentials', 'service/agent'])
      chownSync(at(folder), NOBODY, NOBODY);
    chownSync(at('home'), LOGIN, LOGIN);
    sudo('none');
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));

  /** @param account of the system unit; empty: the gateway has none, as one in a container */
  function reads(login: number, account = 'nobody') {
    const env = { PATH: `${at('tools')}:/usr/bin:/bin`, HOME: at('home') };
    const installations = {
      find: async () => ({ configPath: at('service/openclaw.json') }) as Installation,
      access: async () => ({ port: 1, account, auth: null, problem: null }),
    } as unknown as Installations;
    const ssh = {
      script: async (_serverId: string, script: string, args: readonly string[]) =>
        runInLocalShell(script, args, { login, env }),
    };
    const runAsGateway = createRunAsGateway({ ssh, installations });
    const gatewayFiles = createGatewayFiles(runAsGateway);
    const hostConfigs = createHostConfigs({ ssh, runAsGateway, gatewayFiles, installations });
    const pairing = createPairingFiles({
      ...{ runAsGateway, installations },
      clock: { now: () => Date.parse('2026-11-01T00:00:00Z') } as never,
    });
    return {
      config: () => hostConfigs.read('s1', limits),
      pairing: () => pairing('s1', limits),
      agentFile: () => {
        const place = { folder: at('service/agent'), name: 'SOUL.md', maxBytes: 1_000, inside: true };
        return gatewayFiles.read('s1', place, limits);
      },
    };
  }

  test.each([0, LOGIN])(
    'are no way to the files of the login %i by a link in the place of the config',
    async (login) => {
      write('home/private.json', login);
      symlinkSync(at('home/private.json'), at('service/openclaw.json'));
      await expect(reads(login).config()).rejects.toMatchObject({ code: 'refused' });
    },
  );

  test.each([0, LOGIN])(
    'are no way to the files of the login %i by another name of its file in the place of the config',
    async (login) => {
      write('home/private.json', login);
      linkSync(at('home/private.json'), at('service/openclaw.json'));
      await expect(reads(login).config()).rejects.toMatchObject({ code: 'refused' });
    },
  );

  test.each([0, LOGIN])(
    'are no way to the files of the login %i by an agent folder that is a link',
    async (login) => {
      write('service/openclaw.json', NOBODY, { mode: 0o644 });
      write('home/SOUL.md', login);
      rmSync(at('service/agent'), { recursive: true });
      symlinkSync(at('home'), at('service/agent'));
      await expect(reads(login).agentFile()).rejects.toMatchObject({ code: 'refused' });
    },
  );

  test.each([0, LOGIN])(
    'are no way to the files of the login %i by a link in the place of pairing requests',
    async (login) => {
      write('service/openclaw.json', NOBODY, { mode: 0o644 });
      const text = JSON.stringify({
        version: 1,
        requests: [
          {
            id: '77',
            code: 'ABCD1234',
            createdAt: '2026-11-01T00:00:00Z',
            lastSeenAt: '2026-11-01T00:00:00Z',
          },
        ],
      });
      write('home/private.json', login, { text });
      symlinkSync(at('home/private.json'), at('service/credentials/telegram-pairing.json'));
      expect(await reads(login).pairing()).toEqual([]);
      rmSync(at('service/credentials/telegram-pairing.json'));
      write('service/credentials/telegram-pairing.json', NOBODY, { text, mode: 0o644 });
      expect(await reads(login).pairing()).toHaveLength(1);
    },
  );

  test('are read by a login as root', async () => {
    write('service/openclaw.json', NOBODY);
    write('service/agent/SOUL.md', NOBODY);
    expect((await reads(0).config()).config).toEqual({ says: 'service/openclaw.json' });
    expect(await reads(0).agentFile()).toMatchObject({
      content: "{ says: 'service/agent/SOUL.md' }",
      size: 33,
    });
  });

  describe('in a container, whose account', () => {
    const request = {
      id: '77',
      code: 'ABCD1234',
      createdAt: '2026-11-01T00:00:00Z',
      lastSeenAt: '2026-11-01T00:00:00Z',
    };
    const requests = { text: JSON.stringify({ version: 1, requests: [request] }) };
    const inContainer = (account: number) => {
      for (const folder of ['service', 'service/credentials', 'service/agent'])
        chownSync(at(folder), account, account);
      chmodSync(at('service'), 0o700);
      chmodSync(base, 0o700);
      write('service/openclaw.json', account);
      return reads(0, '');
    };

    test.each([
      ['has no name on the server', LOGIN],
      ['cannot pass the folder above its own on the server', NOBODY],
    ])('%s, are read by a login as root', async (_what, account) => {
      const { config, pairing } = inContainer(account);
      write('service/credentials/telegram-pairing.json', account, requests);
      expect((await config()).config).toEqual({ says: 'service/openclaw.json' });
      expect(await pairing()).toHaveLength(1);
    });

    test('cannot pass the folder above its own, are no way to a file of root in that folder by a link', async () => {
      const { agentFile, pairing } = inContainer(NOBODY);
      write('home/SOUL.md', 0, { ...requests, mode: 0o644 });
      rmSync(at('service/agent'), { recursive: true });
      symlinkSync(at('home'), at('service/agent'));
      symlinkSync(at('home/SOUL.md'), at('service/credentials/telegram-pairing.json'));
      await expect(agentFile()).rejects.toMatchObject({ code: 'refused' });
      expect(await pairing()).toEqual([]);
    });
  });

  test('are read by a login without sudo as far as they are open to it', async () => {
    write('service/openclaw.json', NOBODY, { mode: 0o644 });
    write('service/agent/SOUL.md', NOBODY);
    expect((await reads(LOGIN).config()).config).toEqual({ says: 'service/openclaw.json' });
    await expect(reads(LOGIN).agentFile()).rejects.toMatchObject({ code: 'refused' });
  });

  test.each([
    ['-n -u nobody "*', /^by sudo: -n -u nobody -- /],
    ['-n true" | "-n su "*', /^by sudo: -n su -s \/bin\/sh -c exec "\$@" -- nobody sh /],
  ])('are read as that account where sudo allows %s', async (allowed, asked) => {
    write('service/openclaw.json', NOBODY);
    sudo(`"${allowed}`);
    const installations = {
      find: async () => ({ configPath: at('service/openclaw.json') }) as Installation,
      access: async () => ({ port: 1, account: 'nobody', auth: null, problem: null }),
    };
    const env = { PATH: `${at('tools')}:/usr/bin:/bin`, HOME: at('home') };
    const runAsGateway = createRunAsGateway({
      ssh: {
        script: async (_serverId, script, args) => runInLocalShell(script, args, { login: LOGIN, env }),
      },
      installations,
    });
    expect((await runAsGateway('s1', 'cat x', [], limits)).stdout).toMatch(asked);
  });

  test('end a read whose config is a pipe', async () => {
    write('service/openclaw.json', NOBODY);
    rmSync(at('service/openclaw.json'));
    runInLocalShell(`mkfifo '${at('service/openclaw.json')}'`, [], { env: process.env });
    await expect(reads(0).config()).rejects.toMatchObject({
      message: 'openclaw.json is not a regular file, so it is not opened.',
    });
  });
});
