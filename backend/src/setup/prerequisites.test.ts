// Each check from the facts of a server, without a server.
import { type CheckStatus, type PrerequisiteId, prerequisite, prerequisiteIds } from '@buoy/contract';
import { textParts } from '@buoy/contract/visible-text';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HostInspection } from '../openclaw/host/installation.ts';
import { downloadsOf } from './downloads.ts';
import type { PrerequisiteParts } from './prerequisites.ts';
import {
  bareInspection,
  checkWith,
  goodExchange,
  goodInspection,
  type Lines,
} from './testing/prerequisite-parts.ts';

test('a server that has everything passes every check, in the order of the contract', () => {
  const { ready, checks } = checkWith();
  expect(checks.map(({ id }) => id)).toEqual(prerequisiteIds);
  expect(checks.filter(({ status }) => status !== 'pass')).toEqual([]);
  expect(checks.filter(({ fix }) => fix !== null)).toEqual([]);
  expect(ready).toBe(true);
});

type Row = readonly [id: PrerequisiteId, lines: Lines, status: CheckStatus, detail: string];

const GB_KIB = 1_000_000_000 / 1024;
const kib = (gigabytes: number): string => String(Math.ceil(gigabytes * GB_KIB));

const rows: readonly Row[] = [
  ['os', {}, 'pass', 'The server runs Debian GNU/Linux 13 (trixie) on x86_64.'],
  ['os', { arch: 'aarch64', os64: 'Alpine Linux v3.22' }, 'pass', 'Alpine Linux v3.22 on aarch64.'],
  ['os', { arch: 'armv7l' }, 'fail', 'on armv7l.'],
  ['os', { kernel: 'FreeBSD', os64: 'FreeBSD 14.2' }, 'fail', 'FreeBSD 14.2 on x86_64.'],

  ['libc', {}, 'pass', 'The C library is glibc 2.41.'],
  ['libc', { libc64: 'ldd (Debian GLIBC 2.28-10) 2.28 Copyright' }, 'pass', 'glibc 2.28.'],
  ['libc', { libc64: 'glibc 2.27' }, 'fail', 'glibc 2.27, but Node.js 24 needs 2.28 or newer.'],
  ['libc', { libc64: 'musl libc (x86_64) Version 1.2.5' }, 'fail', 'publishes no build'],
  ['libc', { libc64: 'ldd: not found' }, 'warn', 'does not report the version'],

  ['init', {}, 'pass', 'systemd runs as process 1.'],
  ['init', { init: 'openrc', process1: 'init' }, 'warn', 'OpenRC manages services'],
  ['init', { init: 'none', process1: 'tini' }, 'warn', 'Process 1 is tini and not systemd'],

  ['user', {}, 'pass', 'Buoy signs in as deploy (uid 1000); its home /home/deploy is writable'],
  ['user', { homeThere: '' }, 'fail', 'its home /home/deploy does not exist.'],
  ['user', { homeWritable: '' }, 'fail', 'is not writable'],
  ['user', { noexec: 'yes' }, 'fail', 'mounted with noexec'],
  ['user', { unwritable: '/home/deploy/.local' }, 'fail', 'but the folder /home/deploy/.local in it is not.'],

  ['sudo', {}, 'pass', 'deploy uses sudo without a password.'],
  ['sudo', { sudo: 'root', login: 'root' }, 'pass', 'Buoy signs in as root.'],
  ['sudo', { sudo: 'password', linger: '' }, 'warn', 'deploy uses sudo with a password, which setup needs'],
  ['sudo', { sudo: 'password' }, 'pass', 'setup does not need it here.'],
  ['sudo', { sudo: 'none', linger: '' }, 'warn', 'deploy has no sudo, so setup cannot'],
  ['sudo', { sudo: 'none' }, 'pass', 'deploy has no sudo; setup does not need it here.'],
  ['sudo', { sudo: 'none', linger: '', init: 'openrc' }, 'pass', 'setup does not need it here.'],

  ['memory', { memoryKiB: kib(2) }, 'pass', 'The server has 2.0 GB of memory and no swap.'],
  ['memory', { memoryKiB: kib(1.9), swapKiB: kib(4) }, 'warn', '1.9 GB of memory and 4.0 GB swap;'],
  ['memory', { memoryKiB: kib(1) }, 'warn', '1.0 GB of memory'],
  ['memory', { memoryKiB: kib(0.9) }, 'fail', '900 MB of memory and no swap;'],
  ['memory', { memoryKiB: kib(0.9), swapKiB: kib(1.1) }, 'warn', '900 MB of memory and 1.1 GB swap;'],
  ['memory', { memoryLimitKiB: kib(0.5) }, 'fail', 'limits the account to 500 MB of the 4.1 GB of memory'],
  ['memory', { memoryLimitKiB: kib(0.5), swapKiB: kib(8) }, 'fail', 'limits the account to 500 MB'],
  ['memory', { memoryLimitKiB: '9007199254740988' }, 'pass', 'The server has 4.1 GB of memory and no swap.'],
  ['memory', { memoryKiB: '' }, 'warn', 'does not report its memory'],

  [
    'disk',
    { diskFreeKiB: kib(2.5) },
    'pass',
    'has 2.5 GB of 41.0 GB free and has room for 1,900,000 more files.',
  ],
  ['disk', { diskFreeKiB: kib(2.4) }, 'warn', 'has 2.4 GB of 41.0 GB free'],
  ['disk', { diskFreeKiB: kib(1.4) }, 'fail', 'has 1.4 GB of 41.0 GB free'],
  ['disk', { inodesFree: '100000' }, 'warn', 'room for 100,000 more files;'],
  ['disk', { inodesFree: '50000' }, 'fail', 'room for 50,000 more files;'],
  ['disk', { inodes: '0', inodesFree: '0' }, 'pass', 'has 30.7 GB of 41.0 GB free.'],
  ['disk', { diskFreeKiB: '' }, 'warn', 'does not report the free space'],

  ['port', {}, 'pass', 'Port 18789 is free.'],
  [
    'port',
    { listener1: '1000 812 yes deploy openclaw-gatewa' },
    'pass',
    "OpenClaw's gateway listens on port 18789.",
  ],
  ['port', { listener1: '1000 812 no deploy node' }, 'pass', "OpenClaw's gateway listens on port 18789."],
  [
    'port',
    { listener1: '1000 99 no deploy nginx' },
    'fail',
    'The program nginx of deploy (uid 1000) listens on port 18789.',
  ],
  [
    'port',
    { listener1: '33 0 no www-data ' },
    'fail',
    'A program of www-data (uid 33) listens on port 18789.',
  ],
  ['port', { listener1: '4711 9 yes ? openclaw-gatewa' }, 'fail', 'of an account without a name (uid 4711)'],
  [
    'port',
    { listener1: '1000 812 yes deploy openclaw-gatewa', listener2: '33 0 no www-data ' },
    'fail',
    'A program of www-data (uid 33)',
  ],
  ['port', { tables: '' }, 'warn', 'does not show who listens on port 18789.'],

  [
    'node',
    {},
    'pass',
    'The login shell uses Node.js 24.21.0 at /usr/local/bin/node (unpacked from an archive).',
  ],
  ['node', { nodeVersion: 'v24.16.0' }, 'pass', 'Node.js 24.16.0'],
  ['node', { nodeVersion: 'v24.15.9' }, 'fail', 'Node.js 24.15.9 at /usr/local/bin/node'],
  ['node', { nodeVersion: 'v25.9.0' }, 'fail', 'but OpenClaw needs 24.16 or a newer 24, or 26.1 or newer.'],
  ['node', { nodeVersion: 'v26.0.0' }, 'fail', 'Node.js 26.0.0'],
  ['node', { nodeVersion: 'v26.1.0' }, 'pass', 'Node.js 26.1.0'],
  ['node', { nodeVersion: 'v27.0.0' }, 'pass', 'Node.js 27.0.0'],
  ['node', { nodeVersion: '' }, 'fail', 'does not report a version'],
  ['node', { nodeVersion: '', nodeTrusted: 'no' }, 'fail', 'Other accounts can replace the Node.js'],
  ['node', { nodePath: '' }, 'fail', 'The server has no Node.js.'],
  [
    'node',
    { nodePath: '', nodeElsewhere: '/home/deploy/.nvm/versions/node/v24.21.0/bin/node' },
    'fail',
    'is not in its PATH',
  ],
  ['node', { nodeReal: '/usr/bin/node' }, 'pass', "(from the system's packages)"],
  ['node', { nodeReal: '/home/a/.nvm/versions/node/v24.21.0/bin/node' }, 'pass', '(installed by nvm)'],
  [
    'node',
    { nodeReal: '/home/a/.local/share/fnm/node-versions/v24/installation/bin/node' },
    'pass',
    '(installed by fnm)',
  ],
  ['node', { nodeReal: '/home/a/.volta/bin/volta-shim' }, 'pass', '(installed by Volta)'],
  ['node', { nodeReal: '/home/a/.local/openclaw/node-v24.21.0/bin/node' }, 'pass', '(installed by Buoy)'],

  ['npm', {}, 'pass', 'The login shell uses npm 11.21.2 at /usr/local/bin/npm.'],
  ['npm', { npmVersion: '' }, 'pass', 'its version is not known'],
  ['npm', { npmPath: '' }, 'warn', 'The login shell finds no npm.'],

  ['dns', {}, 'pass', 'npm.example:4873 resolves to 192.0.2.7 and node.example resolves to 192.0.2.8.'],
  ['dns', { mirrorAddress: '', mirrorStatus: '' }, 'fail', 'The server cannot resolve node.example.'],
  ['dns', { mirrorAddress: '' }, 'warn', 'cannot resolve node.example, but reaches it through a proxy.'],
  ['dns', { registryResolver: 'none', registryAddress: '' }, 'warn', 'neither getent nor nslookup'],

  ['registry', {}, 'pass', 'npm.example:4873 answers with HTTP 200 and node.example answers with HTTP 200.'],
  ['registry', { mirrorStatus: '302' }, 'pass', 'node.example answers with HTTP 302.'],
  ['registry', { registryStatus: '403' }, 'fail', 'npm.example:4873 answers with HTTP 403'],
  [
    'registry',
    { mirrorStatus: '', mirrorError64: 'curl: (28) Connection timed out after 5001 ms' },
    'fail',
    'node.example does not answer (curl: (28) Connection timed out after 5001 ms).',
  ],
  ['registry', { registryBy: 'none', registryStatus: '' }, 'warn', 'neither curl nor wget'],

  ['proxy', {}, 'pass', 'No proxy is set.'],
  ['proxy', { loginShell: '' }, 'pass', 'reports no settings'],
  [
    'proxy',
    { httpsProxy64: 'proxy.example:3128', noProxy64: 'localhost,.example' },
    'pass',
    'The login shell uses the proxy proxy.example:3128 for https, except for localhost,.example.',
  ],

  [
    'openclaw',
    {},
    'pass',
    'OpenClaw 2026.9.6 is at /home/deploy/.npm-global/bin/openclaw; its service openclaw-gateway.service is active.',
  ],
  ['openclaw', { installationOwner1: '0' }, 'warn', 'which belongs to root, so deploy cannot update it.'],
  [
    'openclaw',
    { installation2: '/usr/local/bin/openclaw' },
    'warn',
    'another installation is at /usr/local/bin/openclaw.',
  ],
  [
    'openclaw',
    { openclawDangling: '/usr/local/bin/openclaw' },
    'warn',
    'the installation at /usr/local/bin/openclaw is not whole.',
  ],
  [
    'openclaw',
    { installation1: '', openclawBroken: '/opt/x/openclaw' },
    'fail',
    'The installation at /opt/x/openclaw is not whole.',
  ],

  ['user_manager', {}, 'pass', "The account's systemd answers over its bus."],
  ['user_manager', { init: 'none' }, 'pass', 'There is no systemd'],
  ['user_manager', { userManager: '', bus: '', busUnit: '' }, 'warn', '/run/user/1000/bus does not exist.'],
  [
    'user_manager',
    { userManager: '', runtimeFolder: '', pamModule: '', sudo: 'none' },
    'fail',
    '/run/user/1000 does not exist.',
  ],
  ['user_manager', { userManager: '' }, 'warn', 'systemctl --user does not answer.'],

  ['linger', {}, 'pass', 'Lingering is on'],
  ['linger', { linger: '' }, 'fail', 'systemd stops the gateway when deploy signs out.'],
  ['linger', { linger: '', init: 'openrc' }, 'pass', 'lingering is not needed'],
];

test.each(rows)('%s with %j: %s', (id, lines, status, detail) => {
  const check = checkWith(lines).byId[id];
  expect(check).toMatchObject({ status, detail: expect.stringContaining(detail) });
  expect(check.fix === null).toBe(status === 'pass');
});

describe('openclaw by the inspection', () => {
  const installation = goodInspection.installation;
  const bareLines = { installation1: '' };
  const inspections: ReadonlyArray<
    readonly [what: string, lines: Lines, inspection: HostInspection, detail: string, automatic: boolean]
  > = [
    ['absent', bareLines, bareInspection, 'OpenClaw is not installed.', true],
    [
      'half-installed',
      { ...bareLines, openclawBroken: '/opt/a/openclaw' },
      bareInspection,
      'at /opt/a/openclaw is not whole.',
      true,
    ],
    [
      'a unit alone',
      bareLines,
      { ...bareInspection, installation: { ...bareInspection.installation, unit: 'openclaw.service' } },
      'The unit openclaw.service is there, but no openclaw command.',
      true,
    ],
    [
      'a broken config',
      {},
      { ...goodInspection, installation, configProblem: 'The config file of OpenClaw is not valid JSON5.' },
      'its config file cannot be read: The config file of OpenClaw is not valid JSON5.',
      false,
    ],
  ];
  test.each(inspections)('%s fails', (_what, lines, inspection, detail, automatic) => {
    const { byId, ready } = checkWith(lines, { inspection });
    expect(byId.openclaw).toMatchObject({
      status: 'fail',
      detail: expect.stringContaining(detail),
      fix: { automatic },
    });
    expect(ready).toBe(automatic);
  });

  test('the gateway of a system unit may hold the port under an account that the login does not see', () => {
    const inspection: HostInspection = {
      ...goodInspection,
      service: { ...goodInspection.service, manager: 'systemd-system' },
    };
    const lines = { listener1: '998 0 no openclaw ' };
    expect(checkWith(lines, { inspection }).byId.port.status).toBe('pass');
    expect(checkWith(lines, { inspection, port: 19_000 }).byId.port.status).toBe('fail');
  });
});

test('a gateway that is a service of the system needs neither lingering nor user services', () => {
  const installation = { ...goodInspection.installation, manager: 'systemd-system' as const };
  const inspection = { ...goodInspection, installation };
  const { checks, ready } = checkWith({ linger: '', sudo: 'none', userManager: '' }, { inspection });
  expect(checks.filter(({ status }) => status !== 'pass')).toEqual([]);
  expect(ready).toBe(true);
});

describe('clock', () => {
  const shifted = (ms: number): PrerequisiteParts['exchange'] => ({
    sentMs: goodExchange.sentMs - ms,
    receivedMs: goodExchange.receivedMs - ms,
  });
  test.each([
    [29, 'pass', 'differ by 29 s.'],
    [60, 'warn', '60 s ahead of that of Buoy.'],
    [-299, 'warn', '299 s behind that of Buoy.'],
    [420, 'fail', '420 s ahead of that of Buoy, so certificates and tokens count as invalid.'],
  ] as const)('%i s apart: %s', (seconds, status, detail) => {
    expect(checkWith({}, { exchange: shifted(seconds * 1000) }).byId.clock).toMatchObject({
      status,
      detail: expect.stringContaining(detail),
    });
  });

  test('takes out a way of 12 s, half before and half after the script', () => {
    const exchange = { sentMs: goodExchange.sentMs - 6_000, receivedMs: goodExchange.receivedMs + 6_000 };
    expect(checkWith({}, { exchange }).byId.clock.detail).toContain('differ by 0 s');
  });

  test('a server without a time is warned about', () => {
    expect(checkWith({ began: '' }).byId.clock.status).toBe('warn');
  });
});

describe('ready', () => {
  test.each<[what: string, lines: Lines, ready: boolean]>([
    ['old Node', { nodeVersion: 'v20.1.0' }, true],
    ['no lingering, sudo without a password', { linger: '' }, true],
    ['no lingering, sudo with a password', { linger: '', sudo: 'password' }, true],
    ['no lingering, no sudo', { linger: '', sudo: 'none' }, false],
    ['a full disk', { diskFreeKiB: '1000' }, false],
    ['little memory', { memoryKiB: '500000' }, false],
    ['a port that is taken', { listener1: '33 0 no www-data ' }, false],
    ['no way to the registry', { registryStatus: '' }, false],
  ])('%s: %#', (_what, lines, ready) => {
    expect(checkWith(lines).ready).toBe(ready);
  });
});

describe('fixes', () => {
  test.each([
    ['root', 'root', 'loginctl enable-linger root', true],
    ['passwordless', 'deploy', 'sudo loginctl enable-linger deploy', true],
    ['password', 'deploy', 'sudo loginctl enable-linger deploy', false],
    ['none', 'deploy', 'sudo loginctl enable-linger deploy', false],
  ])('lingering with %s rights', (sudo, login, command, automatic) => {
    expect(checkWith({ linger: '', sudo, login }).byId.linger.fix).toMatchObject({ command, automatic });
  });

  test('no command is offered for an account whose name is no name', () => {
    expect(checkWith({ linger: '', login: 'a; reboot' }).byId.linger.fix?.command).toBeNull();
  });

  test('the missing packages of the user manager are named', () => {
    const lines = { userManager: '', bus: '', busUnit: '', pamModule: '' };
    expect(checkWith(lines).byId.user_manager.fix).toMatchObject({
      text: 'Install dbus-user-session and libpam-systemd, then sign in again.',
      command: 'sudo apt-get install -y dbus-user-session libpam-systemd',
    });
    expect(checkWith({ ...lines, apt: '' }).byId.user_manager.fix?.command).toBeNull();
  });

  test('the setting of the source that is not reached is named', () => {
    const fixWith = (lines: Lines) => checkWith(lines).byId.registry.fix?.text;
    expect(fixWith({ registryStatus: '' })).toBe(
      'Let the server reach npm.example:4873, or set NPM_REGISTRY of Buoy to a mirror that it reaches.',
    );
    expect(fixWith({ mirrorStatus: '503' })).toContain('set NODE_MIRROR of Buoy');
  });

  test('are not needed where Buoy downloads, and the checks only warn', () => {
    const { ready, byId } = checkWith(
      { nodePath: '', registryStatus: '', registryAddress: '' },
      { via: 'buoy' },
    );
    expect(ready).toBe(true);
    expect(byId.registry).toMatchObject({
      status: 'warn',
      detail: expect.stringMatching(
        /^npm\.example:4873 does not answer .*\. Buoy reaches the downloads, so setup lets Buoy download and sends the files over SSH\.$/,
      ),
      fix: { text: expect.stringMatching(/^Nothing has to be done\./), automatic: false },
    });
    expect(byId.dns).toMatchObject({ status: 'warn' });
  });

  test('without a mirror of Node only the registry counts, and an address needs no name', () => {
    const downloads = downloadsOf({ nodeMirror: null, npmRegistry: 'http://192.0.2.1:4873' });
    const { byId } = checkWith({ mirrorStatus: '', registryAddress: '' }, { downloads });
    expect(byId.registry.detail).toBe('192.0.2.1:4873 answers with HTTP 200.');
    expect(byId.dns.detail).toBe('Downloads come from an address, so no name is resolved.');
  });
});

describe('a hostile server', () => {
  test('cannot make Buoy show the password of a proxy', () => {
    const answer = checkWith({
      httpsProxy64: 'http://ada:hunter2secret@proxy.example:3128',
      npmProxy64: 'ada:hunter2secret',
      registryStatus: '',
      registryError64: 'curl: (5) Could not resolve proxy http://ada:hunter2secret@proxy.example',
    });
    expect(JSON.stringify(answer)).not.toContain('hunter2secret');
    expect(answer.byId.proxy.detail).toBe(
      'The login shell uses the proxy a proxy for https and a proxy for npm.',
    );
  });

  const scriptKeys = [
    ...[
      'began',
      'ended',
      'os64',
      'kernel',
      'arch',
      'libc64',
      'init',
      'process1',
      'login',
      'uid',
      'home',
      'shell',
    ],
    ...[
      'sudo',
      'diskKiB',
      'diskFreeKiB',
      'inodes',
      'inodesFree',
      'memoryKiB',
      'memoryLimitKiB',
      'swapKiB',
      'tables',
    ],
    ...[
      'listener1',
      'nodePath',
      'nodeReal',
      'nodeVersion',
      'nodeElsewhere',
      'npmPath',
      'npmVersion',
      'linger',
    ],
    ...['registryBy', 'registryStatus', 'registryError64', 'registryAddress', 'httpProxy64', 'noProxy64'],
    ...['installation1', 'installationOwner1', 'openclawBroken', 'userManager', 'loginShell', 'homeThere'],
  ];
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.nat().map(String),
    fc.constantFrom('', 'yes', 'none', 'x'.repeat(5_000), '\u202egnp.exe', '\ud800', '9'.repeat(15), '0'),
  );

  test('a path that it makes four thousand characters long is cut in what Buoy says of OpenClaw', () => {
    const long = `/home/${'x'.repeat(4_000)}\u202e`;
    const { installation, service } = goodInspection;
    for (const inspection of [
      {
        ...goodInspection,
        installation: { ...installation, binaryPath: long, unit: long, version: long },
        service: { ...service, activeState: long },
      },
      { ...bareInspection, installation: { ...bareInspection.installation, unit: long } },
    ]) {
      const { checks } = checkWith({ installation1: long }, { inspection });
      const detail = checks.find(({ id }) => id === 'openclaw')?.detail ?? '';
      expect(detail).toContain('/home/xxx');
      expect(detail.length).toBeLessThan(600);
      expect(textParts(detail).filter(({ isHidden }) => isHidden)).toEqual([]);
      expect(detail).not.toContain('another installation');
    }
  });

  test('whatever it says, the answer fits the contract, is short and hides no characters', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom(...scriptKeys),
          text.map((one) => one.replaceAll('\n', ' ')),
        ),
        fc.constantFrom(goodInspection, bareInspection),
        (lines, inspection) => {
          const { checks } = checkWith(lines, { inspection });
          expect(checks.map(({ id }) => id)).toEqual(prerequisiteIds);
          for (const check of checks) {
            expect(prerequisite.parse(check)).toEqual(check);
            expect(check.detail.length).toBeLessThan(1_000);
            const shown = `${check.detail} ${check.fix?.text} ${check.fix?.command}`;
            expect(textParts(shown).filter(({ isHidden }) => isHidden)).toEqual([]);
            expect(check.detail).not.toMatch(/[\n\r\t]/);
            expect(check.status === 'pass').toBe(check.fix === null);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
